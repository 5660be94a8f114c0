"""`assay vectors`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli import _options as o
from assay.cli._answers import answered, plain, print_json, say

if TYPE_CHECKING:
    from assay.api._vectors import WordVectors

Words = Annotated[list[str] | None, typer.Argument(metavar="[WORD]...", help="Words to show neighbours of.")]
File = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", metavar="FILE", help="Write all words here, in GloVe's text format.", show_default=False
    ),
]
Count = Annotated[int, typer.Option("--count", "-n", min=1, help="Neighbours of each word.")]


def vectors(
    run: o.RunFolder, words: Words = None, *, out: File = None, count: Count = 10, json: o.Json = False
) -> None:
    """Show which words a run's net of texts takes for alike, by the cosine of their vectors, or write the vectors."""
    with answered():
        import assay

        asked = words or []
        if not asked and out is None:
            raise assay.PlanError(
                "neither a word nor a file",
                expected="words to show the neighbours of, or -o FILE to write all vectors to",
                fix=f"type `assay vectors {run} good`, or add -o vectors.txt",
            )
        found = assay.load(run).vectors()
        near = {word: found.nearest(word, count) for word in asked}
        if out is not None:
            found.write(out)
        if json:
            print_json(_object(found, near, run, out))
            return
        for word, others in near.items():
            typer.echo(plain(f"{word}: " + ", ".join(f"{other} {cosine:.3f}" for other, cosine in others)))
        if out is not None:
            width = found.values.shape[1]
            say(f"{len(found):,} words of {found.member} with {width} numbers each are in {out}.")


def _object(
    found: "WordVectors", near: dict[str, list[tuple[str, float]]], run: Path, out: Path | None
) -> dict[str, Any]:
    return {
        "run": str(run),
        "member": found.member,
        "words": len(found),
        "width": found.values.shape[1],
        "out": None if out is None else str(out),
        "nearest": {
            word: [{"word": other, "cosine": cosine} for other, cosine in others] for word, others in near.items()
        },
    }
