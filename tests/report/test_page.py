import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import assay
from assay.core.errors import OutputError, RunError
from assay.report import write_report
from assay.report._page import page
from tests.report.conftest import made_run

HOSTILE = "<script>alert(1)</script>"
ATTACK = "</script><img src=x onerror=alert(2)>{{ 7*7 }}\u2028'\""
KINDS: dict[str, dict[str, Any]] = {
    "binary": {"metric": "f1", "threshold": 0.4},
    "three": {"labels": ("cat", "dog", "eel")},
    "sixty": {"labels": tuple(f"an intent with a longer name {n:02}" for n in range(60)), "rows": 900},
    "hostile": {"labels": ("ham", HOSTILE), "text": ATTACK, "column": HOSTILE * 3, "source": f"data/{HOSTILE}.csv"},
    "unfitted": {"fitted": False},
    "weighted": {"weight": 1.5},
    "pictures": {"pictures": True},
}


@pytest.fixture(scope="module")
def reports(folder: Path) -> dict[str, Path]:
    return {
        name: write_report(made_run(folder / name, **asked), folder / f"{name}.html") for name, asked in KINDS.items()
    }


def markup(file: Path) -> str:
    """The page without what its scripts hold."""
    return re.sub(r"(<script[^>]*>).*?</script>", r"\1", file.read_text(encoding="utf-8"), flags=re.DOTALL)


class Looked:
    """A report in a browser, with all that went wrong in it."""

    def __init__(self, browser: Any, file: Path, width: int = 1200, scheme: str = "light") -> None:
        self.troubles: list[str] = []
        self.requests: list[str] = []
        self.page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.page.on("console", lambda said: self.troubles.append(said.text))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.troubles.append(dialog.message), dialog.dismiss()))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(file.as_uri())
        self.page.wait_for_selector("html[data-charts=drawn]", timeout=20_000)

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector))


@pytest.mark.parametrize("name", KINDS)
def test_a_report_opens_on_a_phone_without_error_request_or_overflow(
    name: str, reports: dict[str, Path], browser: Any
) -> None:
    looked = Looked(browser, reports[name], width=360)
    assert looked.troubles == []
    assert looked.requests == [reports[name].as_uri()]
    assert looked.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    empty = "[...document.querySelectorAll('.chart')].filter(e => !(e.querySelector('svg')?.clientWidth > 100)).length"
    assert looked.page.evaluate(empty) == 0
    assert looked.page.locator(".chart").count() == (7 if "labels" not in KINDS[name] or name == "hostile" else 6) - (
        name == "unfitted"
    )
    looked.page.close()


def test_hostile_names_are_shown_and_not_run(reports: dict[str, Path], browser: Any) -> None:
    looked = Looked(browser, reports["hostile"])
    assert looked.troubles == []
    assert looked.text("h1").endswith(f"{HOSTILE}.csv")
    assert looked.page.inner_text("blockquote >> nth=0").startswith("</script><img src=x onerror=alert(2)>{{ 7*7 }}")
    assert looked.page.locator("img").count() == 0
    assert HOSTILE in looked.text("#classes table")
    looked.page.close()


def test_pictures_are_drawn_and_none_is_fetched(reports: dict[str, Path], browser: Any) -> None:
    looked = Looked(browser, reports["pictures"])
    drawn = "[...document.images].filter(image => image.naturalWidth > 0).map(image => image.alt.split(' ')[0])"
    assert looked.page.evaluate(drawn) == ["front"] * 12
    assert looked.page.locator("img").count() == 12
    assert looked.page.evaluate("document.images[0].getBoundingClientRect().height") > 80
    assert (looked.troubles, looked.requests) == ([], [reports["pictures"].as_uri()])
    looked.page.close()


def test_the_slider_changes_the_numbers_and_the_chart(reports: dict[str, Path], browser: Any) -> None:
    looked = Looked(browser, reports["binary"])
    page = looked.page
    assert looked.text("#cut-at") == "0.400"
    before = looked.text("#live-recall")
    page.focus("#cut")
    page.keyboard.press("End")
    assert (looked.text("#live-recall"), looked.text("#live-precision"), looked.text("#cut-at")) == ("0%", "–", "1.000")
    assert page.get_attribute("#cut", "aria-valuetext") == "1.000"
    assert page.evaluate("document.getElementById('threshold-lines').view.signal('cut')") == 1
    page.click("#to-used")
    assert (looked.text("#live-recall"), looked.text("#cut-at")) == (before, "0.400")
    assert looked.troubles == []
    page.close()


def test_dear_misses_make_a_lower_threshold_the_cheapest(reports: dict[str, Path], browser: Any) -> None:
    looked = Looked(browser, reports["binary"])
    looked.page.fill("#cost-fp", "0")
    looked.page.fill("#cost-fn", "50")
    looked.page.click("#to-cheapest")
    assert (looked.text("#live-fn"), looked.text("#live-cost")) == ("0", "0")
    assert float(looked.text("#cut-at")) < 0.4
    looked.page.close()


def test_the_dark_theme_reaches_the_charts(reports: dict[str, Path], browser: Any) -> None:
    colour = "getComputedStyle(document.querySelector('#class-counts .mark-rect path')).fill"
    found = {}
    for scheme in ("light", "dark"):
        looked = Looked(browser, reports["three"], scheme=scheme)
        found[scheme] = looked.page.evaluate(colour)
        looked.page.close()
    assert found["light"] == "rgb(36, 87, 197)"
    assert found["dark"] == "rgb(122, 167, 255)"


def test_the_page_stands_on_its_own_and_is_small(reports: dict[str, Path]) -> None:
    for file in reports.values():
        assert file.stat().st_size < 2_500_000
        html = markup(file)
        assert not re.search(r"<(script|link|img|iframe)[^>]*\s(src|href)=\"(?!data:)", html)
        assert "default-src 'none'" in html


def test_headings_are_in_order_and_tables_have_captions(reports: dict[str, Path]) -> None:
    html = markup(reports["binary"])
    levels = [int(level) for level in re.findall(r"<h(\d)", html)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert html.count("<table") == html.count("<caption")
    identifiers = re.findall(r'\sid="([^"]+)"', html)
    assert len(identifiers) == len(set(identifiers))


def test_a_real_run_writes_its_report_beside_itself(fitted_run: assay.Run) -> None:
    assert fitted_run.report() == fitted_run.path / "report.html"
    html = markup(fitted_run.path / "report.html")
    assert html.startswith("<!doctype html>")
    assert "ZeroDivisionError: no luck" in html
    assert "&lt;b&gt;1&lt;/b&gt;" in html
    assert "<b>" not in html
    assert "<i>x" not in html


def test_a_tooltip_shows_a_hostile_class_as_text(reports: dict[str, Path], browser: Any) -> None:
    looked = Looked(browser, reports["hostile"])
    looked.page.hover("#class-counts .mark-rect path >> nth=1")
    looked.page.wait_for_selector("#vg-tooltip-element.visible")
    assert "<script>ale…)</script>" in looked.text("#vg-tooltip-element")
    assert looked.troubles == []
    looked.page.close()


def test_the_same_run_gives_the_same_page(folder: Path) -> None:
    run = made_run(folder / "again")
    assert page(run) == page(run)


def test_a_place_that_cannot_be_written_to_is_told(folder: Path) -> None:
    run = made_run(folder / "nowhere")
    (folder / "file").write_text("")
    with pytest.raises(OutputError, match="a file stands where a folder is needed"):
        write_report(run, folder / "file" / "report.html")


def test_a_run_whose_data_json_was_changed_is_told(folder: Path) -> None:
    run = made_run(folder / "changed")
    (run.path / "data.json").write_text(json.dumps({**run.about, "columns": 3, "most_wrong": "x"}))
    del run.__dict__["about"]
    with pytest.raises(RunError, match="damaged files"):
        page(run)
