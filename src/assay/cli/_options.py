"""What can be typed: the arguments and options of all commands, with their help."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

_COLUMNS, _HOW = "What the columns are", "How to fit"

Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="CSV, TSV, Parquet, Arrow, JSON Lines or Excel file; a folder of pictures, with a folder in it for each "
        "class; an .npz file with a stack of pictures; or a database URL (sqlite:///mail.db) with --query.",
        show_default=False,
    ),
]
RunFolder = Annotated[
    Path, typer.Argument(metavar="RUN", help="The folder of a run, made by `assay fit`.", show_default=False)
]
RunFolders = Annotated[
    list[Path], typer.Argument(metavar="RUN...", help="Folders of runs, made by `assay fit`.", show_default=False)
]
Query = Annotated[str | None, typer.Option(metavar="SQL", help="SQL query (or table name) where DATA is a database.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]

Target = Annotated[str | None, typer.Option("--target", "-t", metavar="COL", help="The column to predict.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="RUN", help="Folder for the run.", show_default="runs/ and the name of DATA"),
]
Time = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", help="Wall-clock budget; 0 for none.", show_default="60, or the plan's"),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with a fit that was cut off.")]
Watch = Annotated[bool, typer.Option("--watch", help="Draw live curves in the terminal while nets train.")]

Text = Annotated[
    list[str] | None,
    typer.Option(metavar="COL", help="This column holds text. May be repeated.", rich_help_panel=_COLUMNS),
]
Categorical = Annotated[
    list[str] | None,
    typer.Option(metavar="COL", help="This column holds categories. May be repeated.", rich_help_panel=_COLUMNS),
]
Numeric = Annotated[
    list[str] | None,
    typer.Option(metavar="COL", help="This column holds numbers. May be repeated.", rich_help_panel=_COLUMNS),
]
Picture = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COL", help="This column holds pictures or paths of them. May be repeated.", rich_help_panel=_COLUMNS
    ),
]
PictureSize = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Scale pictures to N pixels on the longer side.",
        show_default="as they are if all of one size up to 64, else at most 64",
        rich_help_panel=_COLUMNS,
    ),
]
Drop = Annotated[
    list[str] | None,
    typer.Option(metavar="COL", help="Do not use this column. May be repeated.", rich_help_panel=_COLUMNS),
]
Group = Annotated[
    str | None,
    typer.Option(
        metavar="COL",
        help="Rows that share a value here never stand on both sides of a split.",
        rich_help_panel=_COLUMNS,
    ),
]
SequenceColumn = Annotated[
    str | None,
    typer.Option(
        metavar="COL", help="Rows that share a value here are the steps of a sequence.", rich_help_panel=_COLUMNS
    ),
]
Weight = Annotated[str | None, typer.Option(metavar="COL", help="Row weights.", rich_help_panel=_COLUMNS)]
TimeColumn = Annotated[
    str | None,
    typer.Option(metavar="COL", help="Split by time: always test on later rows.", rich_help_panel=_COLUMNS),
]

Task = Annotated[
    str | None,
    typer.Option(
        help="binary, multiclass, ordinal, multilabel, regression or tagging.",
        show_default="found from the target",
        rich_help_panel=_HOW,
    ),
]
Metric = Annotated[
    str | None,
    typer.Option(
        help="Be best at log_loss, accuracy, roc_auc, f1, macro_f1, balanced_accuracy, mcc or average_precision.",
        show_default="log_loss",
        rich_help_panel=_HOW,
    ),
]
Positive = Annotated[
    str | None,
    typer.Option(
        metavar="LABEL", help="The positive one of two classes.", show_default="the last by name", rich_help_panel=_HOW
    ),
]
Loss = Annotated[
    str | None,
    typer.Option(
        metavar="LOSS",
        help="What predicted numbers are to make small.",
        show_default="what suits the target",
        rich_help_panel=_HOW,
    ),
]
Interval = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE", help="Give each predicted number an interval that holds this share.", rich_help_panel=_HOW
    ),
]
BrokenSpans = Annotated[
    str,
    typer.Option(
        metavar="WHAT",
        help="A tag like I-x that follows nothing: repair (it begins) or refuse.",
        rich_help_panel=_HOW,
    ),
]
IsOrdinal = Annotated[
    bool, typer.Option("--ordinal", help="The classes have an order: that of numbers.", rich_help_panel=_HOW)
]
Order = Annotated[
    list[str] | None,
    typer.Option(metavar="A,B,C", help="The order of the classes, from low to high.", rich_help_panel=_HOW),
]
Families = Annotated[
    list[str] | None,
    typer.Option(
        metavar="A,B",
        help="Only these kinds of model, e.g. linear,boosted. May be repeated.",
        show_default="all that fit the data",
        rich_help_panel=_HOW,
    ),
]
Decompose = Annotated[
    list[str] | None,
    typer.Option(
        metavar="A,B",
        help="Learn three classes or more by binary models too: ovr, ovo or ecoc. May be repeated.",
        show_default="no",
        rich_help_panel=_HOW,
    ),
]
Folds = Annotated[
    int | None,
    typer.Option(
        min=1, help="Number of folds; 1 tests on a tenth.", show_default="by the number of rows", rich_help_panel=_HOW
    ),
]
RareClasses = Annotated[
    str,
    typer.Option(
        metavar="WHAT", help="A class with one row: error, keep (learn it, untested) or drop.", rich_help_panel=_HOW
    ),
]
Prefer = Annotated[
    str,
    typer.Option(
        metavar="WHAT",
        help="A model that is fast (few members, each fitted once), balanced, or best.",
        rich_help_panel=_HOW,
    ),
]
Seed = Annotated[int, typer.Option(help="For every random draw.", rich_help_panel=_HOW)]
Threads = Annotated[
    int | None, typer.Option(min=1, help="How many to use.", show_default="all cores", rich_help_panel=_HOW)
]
Device = Annotated[
    str,
    typer.Option(metavar="DEVICE", help="Train nets on cpu, cuda, mps, or auto: the best.", rich_help_panel=_HOW),
]
Plan = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A plan.toml that decides all of the above.", rich_help_panel=_HOW),
]

Output = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="Where to write: .csv, .tsv, .parquet, .arrow, .feather, .jsonl, .ndjson or .conll.",
        show_default="CSV on stdout",
    ),
]
Page = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="Where to write.", show_default="report.html in RUN"),
]
FillMissing = Annotated[
    bool, typer.Option("--fill-missing-columns", help="Take columns that DATA lacks as missing values.")
]

Optimizers = Annotated[
    list[str] | None,
    typer.Option(
        metavar="A,B", help="Only these, e.g. adamw,muon. May be repeated.", show_default="all that there are"
    ),
]
Epochs = Annotated[
    int | None,
    typer.Option(min=1, help="Passes over the rows for each.", show_default="by the number of rows, or the time"),
]
TimeForAll = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", help="For all together, in equal shares; 0 for no limit.", show_default="no limit"),
]
Rate = Annotated[
    list[str] | None,
    typer.Option(
        metavar="RATE",
        help="Learning rate: a number, default (what each method suggests) or test (found by a range test); or "
        "NAME=RATE for some. May be repeated.",
        show_default="default",
    ),
]
CurvesPage = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", metavar="FILE", help="Where to write the page.", show_default="DATA-optimizers.html, here"
    ),
]

PictureFile = Annotated[
    Path,
    typer.Argument(metavar="PICTURE", help="A picture as large as those of training or larger.", show_default=False),
]
HeatPicture = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", metavar="FILE", help="Where to write the PNG file.", show_default="PICTURE-heat.png, here"
    ),
]
ShownClass = Annotated[
    str | None,
    typer.Option("--class", metavar="NAME", help="Show this class.", show_default="the one with the largest sum"),
]
Stride = Annotated[
    int | None,
    typer.Option(min=1, help="Pixels from window to window.", show_default="as many as the net makes of itself"),
]


def split(entries: Sequence[str] | None) -> list[str]:
    """``a,b`` and repeated options alike."""
    return [name.strip() for entry in entries or () for name in entry.split(",") if name.strip()]
