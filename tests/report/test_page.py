"""The page as a browser shows it: whole, offline, safe and readable."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import assay
from assay.core.errors import OutputError
from assay.report import write_report
from assay.report._page import page
from tests.report.conftest import HOSTILE

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        yield started
        started.close()


class Opened:
    """A report that is open, and what it complained of or asked for."""

    def __init__(self, browser: Browser, path: Path, width: int) -> None:
        self.faults: list[str] = []
        self.requests: list[str] = []
        self.page: Page = browser.new_page(viewport={"width": width, "height": 800})
        self.page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.faults.append(dialog.message), dialog.dismiss()))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("svg", timeout=20_000)


@pytest.mark.parametrize("name", ["binary", "three", "sixty"])
def test_it_opens_offline_without_a_fault(
    name: str, browser: Browser, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    path = write_report(request.getfixturevalue(name), tmp_path / "report.html")
    opened = Opened(browser, path, 360)
    opened.page.wait_for_timeout(300)
    assert opened.faults == []
    assert opened.requests == [path.as_uri()]
    drawn = opened.page.evaluate(
        "[...document.querySelectorAll('[id^=chart-], .chart')].filter(e => !e.querySelector('svg, canvas')).length"
    )
    assert drawn == 0
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert path.stat().st_size < 2_500_000


def test_hostile_names_are_text(browser: Browser, binary: assay.Run, tmp_path: Path) -> None:
    html = page(binary)
    assert HOSTILE not in html
    opened = Opened(browser, write_report(binary, tmp_path / "report.html"), 1200)
    assert HOSTILE in opened.page.inner_text("body")
    assert opened.faults == []


def test_the_slider_moves_the_numbers(browser: Browser, binary: assay.Run, tmp_path: Path) -> None:
    opened = Opened(browser, write_report(binary, tmp_path / "report.html"), 1200)
    before = opened.page.inner_text("#live-recall"), opened.page.inner_text("#live-tp")
    opened.page.focus("#cut")
    opened.page.keyboard.press("End")
    assert (opened.page.inner_text("#live-recall"), opened.page.inner_text("#live-tp")) != before
    opened.page.keyboard.press("Home")
    assert opened.page.inner_text("#live-recall").startswith("100")
    opened.page.click("#to-used")
    assert (opened.page.inner_text("#live-recall"), opened.page.inner_text("#live-tp")) == before


def test_costs_choose_the_cheapest_threshold(browser: Browser, binary: assay.Run, tmp_path: Path) -> None:
    opened = Opened(browser, write_report(binary, tmp_path / "report.html"), 1200)
    opened.page.fill("#cost-fn", "1000")
    opened.page.click("#to-cheapest")
    assert opened.page.inner_text("#live-fn") == "0"


def test_headings_stand_in_order(binary: assay.Run) -> None:
    html = page(binary)
    assert html.count("<h1") == 1
    assert html.index("<h1") < html.index("<h2")


def test_a_place_that_cannot_be_written(binary: assay.Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match=r"a file stands where a folder is needed[\s\S]*--out"):
        write_report(binary, tmp_path / "file" / "report.html")


def test_the_run_writes_it_beside_itself(three: assay.Run) -> None:
    assert three.report() == three.path / "report.html"
    assert (three.path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
