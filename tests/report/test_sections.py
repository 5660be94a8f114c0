"""What every section says about a run, and what it draws."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.report import (
    _again,
    _board,
    _calibration,
    _classes,
    _confusion,
    _curves,
    _data,
    _threshold,
    _verdict,
    _wrong,
)
from assay.report._facts import Facts, gather
from assay.report._section import Section
from tests.report.conftest import made_run

SECTIONS: dict[str, Callable[[Facts], Section | None]] = {
    module.__name__.rpartition("._")[2]: module.section
    for module in (
        _again,
        _board,
        _calibration,
        _classes,
        _confusion,
        _curves,
        _data,
        _threshold,
        _verdict,
        _wrong,
    )
}
MANY = tuple(f"intent {number:02}" for number in range(60))


@pytest.fixture(scope="module")
def binary(folder: Path) -> Facts:
    return gather(made_run(folder / "binary"))


@pytest.fixture(scope="module")
def three(folder: Path) -> Facts:
    return gather(made_run(folder / "three", ("cat", "dog", "eel")))


@pytest.fixture(scope="module")
def many(folder: Path) -> Facts:
    return gather(made_run(folder / "many", MANY, rows=1500, strength=2.0))


def made(name: str, facts: Facts) -> Section:
    section = SECTIONS[name](facts)
    assert section is not None
    return section


def rows_of(spec: Mapping[str, Any]) -> int:
    return sum(len(rows) for rows in spec["datasets"].values())


@pytest.mark.parametrize("name", SECTIONS)
@pytest.mark.parametrize("kind", ["binary", "three", "many"])
def test_a_section_speaks_and_its_charts_are_small(name: str, kind: str, request: pytest.FixtureRequest) -> None:
    section = SECTIONS[name](request.getfixturevalue(kind))
    if section is None:
        assert (name, kind) in {("threshold", "three"), ("threshold", "many")}
        return
    assert section.title
    assert section.tab
    assert all(sentence.endswith(".") and "nan" not in sentence.split() for sentence in section.says)
    assert json.dumps([chart.spec for chart in section.charts.values()], allow_nan=False)
    assert all(0 < rows_of(chart.spec) <= 2000 and chart.caption.endswith(".") for chart in section.charts.values())


def test_the_verdict_says_how_often_it_is_right_and_what_the_lazy_ways_give(binary: Facts) -> None:
    shown = made("verdict", binary).shown
    assert shown["large"] == f"{100 * np.mean(binary.y == binary.decided):.1f}%"
    assert "Always saying ‘ham’ would be right 50" in shown["against"]
    assert "logistic regression on its own" in shown["against"]


def test_the_verdict_names_the_winner_only_beyond_luck(binary: Facts) -> None:
    metric = binary.metric
    rival = binary.best_trial("linear")
    assert rival is not None
    assert rival.score is not None
    assert metric.loss(binary.evidence.interval[1]) < metric.loss(rival.score)
    assert "and than logistic regression alone" in made("verdict", binary).says[0]
    assert "cut short by the clock" in made("verdict", binary).says[0]
    wide = replace(binary, evidence=replace(binary.evidence, interval=(0.01, 9.0)))
    assert "not shown to be better than the majority baseline" in made("verdict", wide).says[0]
    worse = replace(binary, evidence=replace(binary.evidence, score=0.6, interval=(0.55, 0.65)))
    assert "no better than logistic regression alone" in made("verdict", worse).says[0]


def test_the_verdict_without_a_simple_rival(folder: Path) -> None:
    facts = gather(made_run(folder / "alone", fitted=False))
    section = made("verdict", facts)
    assert section.shown["rival"] == ""
    assert "better than the majority baseline" in section.says[0]
    assert made("board", facts).says[0] == "1 of 4 candidates was fitted."


def test_the_verdict_says_that_all_is_out_of_fold_and_when_rows_are_weighted(folder: Path, binary: Facts) -> None:
    assert "290 rows" in made("verdict", binary).says[1]
    assert "out of fold" in made("verdict", binary).says[1]
    heavy = gather(made_run(folder / "heavy", weight=2.5))
    assert made("verdict", heavy).says[1].endswith("Rows count by their weight.")


def test_the_measures_put_the_metric_that_was_asked_for_first(folder: Path) -> None:
    facts = gather(made_run(folder / "mcc", metric="mcc"))
    first, *rest = made("verdict", facts).shown["measures"]
    assert (first["title"], first["asked"]) == ("Matthews correlation", True)
    assert not any(row["asked"] for row in rest)


def test_the_data_are_counted_and_their_columns_told(binary: Facts) -> None:
    section = made("data", binary)
    assert section.shown["figures"] == [
        ("300", "rows"),
        ("290", "with a label"),
        ("10", "set aside, no label"),
        ("290", "tested out of fold"),
    ]
    text, number, dropped, target = section.shown["columns"]
    assert (text["gaps"], number["gaps"], dropped["gaps"]) == ("0%", "10.0%", "–")
    assert number["summary"] == "0 to 1,234, half of them 1.5 to 3, median 2"
    assert (dropped["role"], target["summary"]) == ("dropped", "ham (9)")
    assert section.shown["notices"] == ["10 rows without a label were set aside"]
    assert "2 columns used to decide: 1 text and 1 numeric. 1 has gaps." in section.says[1]


def test_only_the_commonest_of_many_classes_are_drawn(many: Facts) -> None:
    chart = made("data", many).charts["target"]
    assert rows_of(chart.spec) == 20
    assert "the 20 commonest of 60 classes" in chart.caption


def test_the_leaderboard_starts_with_the_model_and_ends_with_what_was_not_fitted(binary: Facts) -> None:
    rows = made("board", binary).shown["rows"]
    assert [row["name"] for row in rows] == ["The model", "linear", "linear-2", "prior", "mlp"]
    assert [row["look"] for row in rows] == ["ours", "", "", "baseline", "unfitted"]
    assert rows[1]["notes"] == "C: 0.1 to 3, stopped: validation / clock"
    assert rows[-1]["notes"] == "no time was left"
    assert "‘linear’ alone" in made("board", binary).says[1]


def test_the_confusion_matrix_of_many_classes_shows_the_most_confused(many: Facts) -> None:
    section = made("confusion", many)
    assert (section.shown["n_shown"], section.shown["n_classes"], section.shown["cut"]) == (20, 60, True)
    assert len(section.shown["pairs"]) == 10


def test_no_mistake_is_said_in_so_many_words(folder: Path) -> None:
    facts = gather(made_run(folder / "perfect", strength=40.0))
    assert made("confusion", facts).says == ("Not one of the tested rows is decided wrong.",)
    assert made("classes", facts).says == ("Every class is found and decided without a mistake.",)
    assert made("wrong", facts).says[0].startswith("No row got less than a 5% probability")


def test_the_weakest_of_many_classes_stands_first(many: Facts) -> None:
    rows = made("classes", many).shown["rows"]
    scores = [row["bars"][2] for row in rows]
    assert scores == sorted(scores)
    assert len(rows) == 60


def test_classes_stand_in_their_order_when_they_are_few(three: Facts) -> None:
    assert [row["name"] for row in made("classes", three).shown["rows"]] == ["cat", "dog", "eel"]


def test_curves_show_the_positive_class_or_eight_classes_and_their_mean(binary: Facts, many: Facts) -> None:
    auc = f"{binary.evidence.scores['roc_auc']:.3f}"
    assert [name for name, _ in made("curves", binary).charts["roc"].legend] == [f"spam ({auc})"]
    legend = made("curves", many).charts["pr"].legend
    assert len(legend) == 9
    assert legend[-1][0].startswith("mean of all (")
    assert "The 8 commonest classes are drawn" in made("curves", many).says[1]


def test_calibration_judges_the_probabilities(folder: Path, binary: Facts) -> None:
    assert len(made("calibration", binary).shown["bins"]) == 10
    random = np.random.default_rng(0)
    said = np.r_[random.uniform(0.02, 0.98, 20_000)]
    came = (random.uniform(size=20_000) < said).astype(np.int64)
    facts = replace(binary, y=came, outputs=np.c_[1 - said, said], weight=np.ones(20_000))
    assert "can be taken at their word" in made("calibration", facts).says[0]
    proud = np.where(said > 0.5, 0.99, 0.01)
    assert "mislead" in made("calibration", replace(facts, outputs=np.c_[1 - proud, proud])).says[0]


def test_the_slider_starts_at_the_tuned_threshold(folder: Path) -> None:
    facts = gather(made_run(folder / "tuned", metric="f1", threshold=0.31234))
    shown = made("threshold", facts).shown
    assert shown["table"]["at"][shown["start"]] == pytest.approx(0.31234)
    assert (shown["tuned"], shown["used"]) == (True, "0.312")
    totals = {sum(shown["table"][name][place] for name in ("tp", "fp", "fn", "tn")) for place in range(50)}
    assert totals == {290.0}


def test_the_worst_rows_are_told_with_their_texts(binary: Facts) -> None:
    cards = made("wrong", binary).shown["cards"]
    assert len(cards) == 12
    assert cards[0]["texts"] == [("text", "win a prize")]
    assert cards[0]["values"] == [("length", "3.0")]


def test_the_worst_pictures_are_a_gallery_and_other_addresses_are_not_shown(binary: Facts) -> None:
    worst = [
        {
            "row": row,
            "label": "ham",
            "decided": "spam",
            "probability": 0.1,
            "values": {"file": "a.png"},
            "pictures": uris,
        }
        for row, uris in enumerate(({"p": "data:image/png;base64,iVBORw0KGgo="}, {"p": "https://a.example/x.png"}))
    ]
    section = made("wrong", replace(binary, about={**binary.about, "most_wrong": worst[:1]}))
    assert section.shown["gallery"]
    assert section.shown["cards"][0]["pictures"] == [("p", "data:image/png;base64,iVBORw0KGgo=")]
    assert section.shown["cards"][0]["values"] == [("file", "a.png")]
    both = made("wrong", replace(binary, about={**binary.about, "most_wrong": worst})).shown
    assert (both["gallery"], both["cards"][1]["pictures"]) == (False, [])


def test_a_run_without_worst_rows_has_no_such_section(binary: Facts) -> None:
    assert SECTIONS["wrong"](replace(binary, about={**binary.about, "most_wrong": []})) is None


def test_the_way_to_the_same_model_is_told(binary: Facts) -> None:
    shown = made("again", replace(binary, about={**binary.about, "source": "my mail.csv"})).shown
    assert shown["command"] == "assay fit 'my mail.csv' --plan plan.toml --out again"
    assert shown["fingerprint"] == "f1n9e2"
    assert "[[candidates]]" in shown["plan"]
    assert dict(shown["versions"])["polars"]
