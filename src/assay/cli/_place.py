"""Where a run, a page or a picture goes when nobody said it, and what to type so that a stopped fit goes on."""

import shlex
from itertools import chain, count
from pathlib import Path

from assay.core.errors import OutputError
from assay.fitting.run import RunFolder


def place_for(data: str, out: Path | None, *, resume: bool) -> Path:
    """``out`` if it was said; else ``runs/<name of the data>``, or the first of ``-2``, ``-3``, ... that is free.

    With ``resume``, the last of those that are taken is gone on with, if its fit did not finish.
    """
    if out is not None:
        return out
    first = Path("runs") / _stem(data)
    last, free = first, first
    for number in count(2):
        if not free.exists():
            break
        last, free = free, first.with_name(f"{first.name}-{number}")
    return last if resume and not RunFolder(last).is_finished else free


def page_for(data: str, out: Path | None) -> Path:
    """``out`` if it was said; else ``<name of the data>-optimizers.html``, or with the first number that is free."""
    return out or _free(f"{_stem(data)}-optimizers", ".html")


def heat_picture_for(picture: Path, out: Path | None) -> Path:
    """``out`` if it was said; else ``<name of the picture>-heat.png``, or with the first number that is free.

    Raises:
        OutputError: ``out`` is no name of a PNG file, or the picture itself.
    """
    if out is not None and out.suffix.lower() != ".png":
        raise OutputError(
            f"the suffix {out.suffix!r} of {out}", expected="a name that ends in .png", fix="change the name after -o"
        )
    if out is not None and out.exists() and picture.exists() and out.samefile(picture):
        raise OutputError(
            f"the picture itself, {out}, as the place for the output",
            expected="another file, so that the picture stays as it is",
            fix="change the name after -o",
        )
    return out or _free(f"{_stem(str(picture))}-heat", ".png")


def how_to_go_on(data: str, place: Path, *, query: str | None) -> str:
    """What a person who stopped a fit should know and type."""
    if not RunFolder(place).is_begun:
        return "Nothing was fitted yet: repeat the command to start afresh."
    asked = "" if query is None else f" --query {shlex.quote(query)}"
    command = f"assay fit {shlex.quote(data)} --out {shlex.quote(str(place))}{asked} --resume"
    return f"What is done so far is kept in {place}; go on with:\n  {command}"


def _free(name: str, suffix: str) -> Path:
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    return next(file for file in (Path(name + suffix) for name in names) if not file.exists())


def _stem(data: str) -> str:
    return Path(data).name.split(".")[0] or "data"
