"""The commands and what they have in common."""

from typing import Annotated

import typer

from assay import __version__
from assay.cli._compare import compare
from assay.cli._compare_optimizers import compare_optimizers
from assay.cli._evaluate import evaluate
from assay.cli._fit import fit
from assay.cli._heat_map import heat_map
from assay.cli._inspect import inspect
from assay.cli._predict import predict
from assay.cli._report import report
from assay.cli._vectors import vectors

app = typer.Typer(
    name="assay",
    help="Train a classifier, and know what it is worth.",
    epilog="Begin with: assay fit DATA --target COL",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (fit, evaluate, predict, inspect, report, compare, compare_optimizers, heat_map, vectors):
    app.command()(command)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"assay {__version__}")
        raise typer.Exit


@app.callback()
def _assay(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Train a classifier, and know what it is worth."""
