"""The page: sections in their order, poured into templates, with scripts and styles inside.

The data are not to be trusted: a column, a class or a text can hold markup. Templates escape everything; and the
page's own policy lets no script run but the ones whose hashes it lists, and no request leave.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from assay.core.errors import UserError
from assay.core.files import write_text
from assay.core.state import damaged
from assay.fitting.run import RunFolder
from assay.report import (
    _again,
    _board,
    _calibration,
    _classes,
    _confusion,
    _curves,
    _data,
    _labels,
    _residuals,
    _shapes,
    _tagged,
    _threshold,
    _verdict,
    _wrong,
)
from assay.report._facts import Facts, gather
from assay.report._section import Section
from assay.tasks._base import Form

_GENERAL = (_verdict.section, _data.section, _board.section)
_AT_THE_END = (_wrong.section, _again.section)
_SECTIONS: Mapping[Form, tuple[Callable[[Facts], Section | None], ...]] = {
    Form.CLASSES: (
        *_GENERAL,
        _confusion.section,
        _classes.section,
        _curves.section,
        _calibration.section,
        _threshold.section,
        _shapes.section,
        *_AT_THE_END,
    ),
    Form.LABELS: (*_GENERAL, _labels.section, *_AT_THE_END),
    Form.NUMBERS: (*_GENERAL, _residuals.section, _shapes.section, *_AT_THE_END),
    Form.TAGS: (*_GENERAL, _tagged.section, _again.section),
}


def write_report(run: RunFolder, out: Path) -> Path:
    """Write the report of a finished run as one HTML file that opens offline, and give its path.

    Raises:
        RunError: A part of the run is missing or damaged.
        OutputError: The place cannot be written to.
    """
    write_text(out, page(run))
    return out


def page(run: RunFolder) -> str:
    """The report as HTML.

    Raises:
        RunError: A part of the run is missing or damaged.
    """
    facts = gather(run)
    try:
        sections = [section for make in _SECTIONS[facts.task.form] if (section := make(facts)) is not None]
    except UserError:
        raise
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        # The parts were read one by one and each is whole; where they do not fit each other, the files are to blame.
        raise damaged(run.path, f"{type(error).__name__}: {error}") from error
    return _rendered(facts, sections)


def _rendered(facts: Facts, sections: list[Section]) -> str:
    sliding = any(section.key == "threshold" for section in sections)
    return poured(
        "page.html",
        title=f"{facts.plan.wishes.target}: what the model is worth",
        sections=sections,
        scripts=("threshold.js",) if sliding else (),
    )


def poured(template: str, *, title: str, sections: Sequence[Section], scripts: Sequence[str] = ()) -> str:
    """Sections in a template, with the style, what draws charts, and further ``scripts`` by name inside."""
    inlined = [_bundle(), _own("charts.js"), *map(_own, scripts)]
    html: str = (
        _environment()
        .get_template(template)
        .render(
            title=title,
            sections=sections,
            style=_own("style.css"),
            scripts=inlined,
            hashes=[_hash(script) for script in inlined],
        )
    )
    return html


def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("assay.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _own(name: str) -> str:
    return (files("assay.report") / "templates" / name).read_text(encoding="utf-8")


@cache
def _bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed in one script, of the version that Altair writes specs for."""
    import altair
    import vl_convert

    version = altair.SCHEMA_VERSION.lstrip("v").rpartition(".")[0]
    script: str = vl_convert.javascript_bundle(None, version)  # type: ignore[arg-type]  # its stub forgets the None
    return script.replace("</script", "<\\/script")


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
