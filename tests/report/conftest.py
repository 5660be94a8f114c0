"""Runs made by hand: evidence as a fit would leave it, with classes, names and texts as a test wants them."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import assay
from assay.data.prepare import Wishes
from assay.data.schema import Schema
from assay.fitting.assembly import Outcome
from assay.fitting.evidence import Evidence, Trial
from assay.fitting.interval import bootstrap_interval
from assay.fitting.model import Model
from assay.fitting.plan import Candidate, Plan
from assay.fitting.run import RunFolder
from assay.tasks._base import Rule
from assay.tasks._classes import ClassTask
from assay.tasks.binary import Binary
from assay.tasks.multiclass import Multiclass

FOLDS = 3
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
PICTURES = {"front": f"data:image/png;base64,{DOT}", "away": "https://a.example/x.png"}


def probabilities(y: np.ndarray, k: int, strength: float, seed: int) -> np.ndarray:
    """Outputs (n, k) that lean to the truth."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=(len(y), k))
    logits[np.arange(len(y)), y.clip(0)] += strength
    powers = np.exp(logits)
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def trials(y: np.ndarray, tested: np.ndarray, k: int, score: Callable[..., float]) -> tuple[Trial, ...]:
    """A majority baseline, two linear candidates, and one for which no time was left."""
    shares = np.bincount(y[tested], minlength=k) / tested.sum()
    blocks = {
        "prior": np.tile(shares, (len(y), 1)).astype(np.float32),
        "linear": probabilities(y, k, 2.0, 1),
        "linear-2": probabilities(y, k, 1.5, 2),
    }
    fitted = [
        Trial(
            name,
            name.partition("-")[0],
            {},
            "fitted",
            0.5 + number,
            score=score(block[tested].astype(np.float64)),
            weight=1.0 if name == "linear" else 0.0,
            out_of_fold=np.where(tested[:, None], block, np.nan).astype(np.float32),
            notes=({"C": 0.1, "stopped": "validation"}, {"C": 3.0, "stopped": "clock"}),
        )
        for number, (name, block) in enumerate(blocks.items())
    ]
    return (*fitted, Trial("mlp", "mlp", {}, "no time was left", 0.0))


def made_run(
    folder: Path,
    labels: Sequence[str] = ("ham", "spam"),
    *,
    rows: int = 300,
    metric: str = "log_loss",
    threshold: float | None = None,
    strength: float = 3.0,
    text: str = "win a prize",
    column: str = "text",
    source: str = "data/mail.csv",
    fitted: bool = True,
    weight: float = 1.0,
    pictures: bool = False,
) -> RunFolder:
    """A finished run in ``folder``: ten rows without a label, and outputs that lean to the truth by ``strength``."""
    k = len(labels)
    task: ClassTask = (Binary if k == 2 else Multiclass)(tuple(labels), "text")
    y = np.arange(rows) % k
    y[:10] = -1
    tested, fold = y >= 0, np.where(y >= 0, np.arange(rows) % FOLDS, -1)
    outputs = probabilities(y, k, strength, 0)
    outputs[~tested] = np.nan
    chosen, weights = task.metric(metric), np.full(rows, weight)
    rule = Rule(() if threshold is None else (threshold,))
    decided = np.where(tested, task.decide(np.nan_to_num(outputs), rule), -1)
    given = (y[tested], outputs[tested].astype(np.float64), decided[tested], weights[tested])

    def score(block: np.ndarray) -> float:
        return chosen.score(given[0], block, task.decide(block, Rule()), given[3])

    tried = trials(y, tested, k, score)
    evidence = Evidence(
        y=y,
        weight=weights,
        fold=fold,
        trials=tried if fitted else (tried[0], *(Trial(t.name, t.family, {}, "failed", 0.0) for t in tried[1:])),
        outputs=outputs,
        decided=decided,
        score=chosen.score(*given),
        interval=bootstrap_interval(chosen, *given),
        scores={name: each.score(*given) for name, each in task.metrics.items()},
        seconds=3.2,
    )
    candidates = tuple(Candidate(trial.name, trial.family) for trial in tried)
    plan = Plan(Wishes(target="label"), task.name, metric, candidates, folds=FOLDS, fingerprint="f1n9e2")
    run = RunFolder(folder)
    about = made_about(labels, y, outputs, decided, text=text, column=column, source=source)
    if pictures:
        about = {**about, "most_wrong": [{**row, "values": {}, "pictures": PICTURES} for row in about["most_wrong"]]}
    run.finish(Outcome(Model(Schema(()), task, (), (), rule=rule), evidence, plan), about)
    return run


def made_about(
    labels: Sequence[str],
    y: np.ndarray,
    outputs: np.ndarray,
    decided: np.ndarray,
    *,
    text: str,
    column: str,
    source: str,
) -> dict[str, Any]:
    """What `fitting.about` says, for a text, a number and a column that is not used."""
    worst = np.argsort(np.where(y >= 0, outputs[np.arange(len(y)), y], np.inf))[:12]
    return {
        "source": source,
        "rows": len(y),
        "labelled": int((y >= 0).sum()),
        "tested": int((y >= 0).sum()),
        "target": "label",
        "task": "binary" if len(labels) == 2 else "multiclass",
        "classes": {label: int((y == number).sum()) for number, label in enumerate(labels)},
        "fingerprint": "f1n9e2",
        "columns": [
            {"name": column, "kind": "text", "role": "feature", "reason": "words", "missing": 0, "distinct": len(y)},
            {
                "name": "length",
                "kind": "numeric",
                "role": "feature",
                "reason": "numbers",
                "missing": 30,
                "distinct": 90,
                "quantiles": [0.0, 1.5, 2.0, 3.0, 1234.0],
            },
            {"name": "id", "kind": "identifier", "role": "dropped", "reason": "every value differs"},
            {"name": "label", "kind": "categorical", "role": "target", "reason": "the target", "top": [[labels[0], 9]]},
        ],
        "notices": ["10 rows without a label were set aside"],
        "most_wrong": [
            {
                "row": int(row),
                "label": labels[y[row]],
                "decided": labels[decided[row]],
                "probability": float(outputs[row, y[row]]),
                "values": {column: text, "length": "3.0"},
            }
            for row in worst
        ],
    }


@pytest.fixture(scope="session")
def fitted_run(tmp_path_factory: pytest.TempPathFactory) -> assay.Run:
    """A run that was really fitted, on rows with hostile names, with a candidate that failed."""
    random = np.random.default_rng(0)
    y = random.integers(0, 3, 150)
    hostile = [f"<b>{label}</b>" for label in y]
    table = pl.DataFrame({"<i>x</i>": random.normal(size=150) + 2 * y, "z": random.normal(size=150), "label": hostile})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assay.families.nbsvm.NBSVM.unfit_for", lambda *_: None)
        patch.setattr("assay.families.nbsvm.NBSVM.fit", _no_luck)
        out = tmp_path_factory.mktemp("fitted") / "run"
        return assay.fit(table, target="label", families=("linear", "nbsvm"), folds=3, time=0, out=out)


def _no_luck(*_: object) -> None:
    raise ZeroDivisionError("no luck")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the tests of a module share."""
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """A Chromium that a module's tests share."""
    from playwright.sync_api import sync_playwright

    quiet = ("background-networking", "component-update", "sync")
    flags = ["--no-sandbox", "--disable-gpu", *(f"--disable-{name}" for name in quiet)]
    with sync_playwright() as started:
        opened = started.chromium.launch(executable_path=chromium, args=flags)
        yield opened
        opened.close()
