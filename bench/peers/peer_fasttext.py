"""fastText, supervised: the better of its own search for settings and its tutorial's, then all rows with these."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
from _harness import Job, main, pandas_frame

HELD_OUT, THREADS, SEED = 0.1, 2, 0
FOUND = ("lr", "epoch", "dim", "minCount", "wordNgrams", "bucket", "minn", "maxn")
TUTORIAL = {"lr": 0.5, "epoch": 25, "wordNgrams": 2}
MARK = "__label__"


class FastText:
    """Words in lower case, signs apart; labels are numbers, for names may have spaces."""

    packages: tuple[str, ...] = ("fasttext", "fasttext-wheel", "fasttext-numpy2-wheel", "numpy", "pandas")

    def read(self, path: str, hidden: list[str]) -> Any:
        """Read with pandas."""
        return pandas_frame(path, hidden)

    def fit(self, job: Job) -> None:
        """Autotune for the budget, choose on a tenth of the rows, train on all; the file of fastText is the model."""
        frame = self.read(job.train, job.drop)
        target = frame[job.target].astype(str)
        classes = sorted(set(target))
        marks = [f"{MARK}{classes.index(name)}" for name in target]
        lines = [f"{mark} {_line(text)}\n" for mark, text in zip(marks, frame[job.text[0]], strict=True)]
        model = _fitted(lines, Path(job.out), max(1, round(job.seconds)))
        folder = Path(job.model)
        folder.mkdir()
        model.save_model(str(folder / "model.bin"))
        (folder / "names.txt").write_text("\n".join([job.text[0], *classes]))

    def load(self, job: Job) -> None:
        """Load the model."""
        self.column, *self.classes = (Path(job.model) / "names.txt").read_text().split("\n")
        self.model = fasttext.load_model(str(Path(job.model) / "model.bin"))

    def predict(self, frame: Any) -> tuple[list[str], Any]:
        """Return labels and probabilities; a text of which it knows no word gets the same for all."""
        told = np.full((len(frame), len(self.classes)), 1.0 / len(self.classes))
        labels, values = self.model.predict([_line(text) for text in frame[self.column]], k=-1)
        for row, (names, found) in enumerate(zip(labels, values, strict=True)):
            if names:
                told[row] = 0.0
                told[row, [int(name.removeprefix(MARK)) for name in names]] = found
        return self.classes, told / told.sum(axis=1, keepdims=True)


def _fitted(lines: list[str], folder: Path, seconds: int) -> Any:
    """A model of all rows with the settings that are better on held-out rows; the others where these diverge."""
    order = np.random.default_rng(SEED).permutation(len(lines))
    cut = round(HELD_OUT * len(lines))
    parts = {"train": order[cut:], "held": order[:cut], "all": order}
    files = {name: _written(folder / f"{name}.txt", [lines[at] for at in rows]) for name, rows in parts.items()}
    tried = [_trained(files["train"], TUTORIAL)]
    with suppress(RuntimeError):
        search = {"autotuneValidationFile": files["held"], "autotuneDuration": seconds}
        tried.append(_trained(files["train"], {"wordNgrams": 2, **search}))
    best = max(tried, key=lambda model: model.test(files["held"])[1]).f.getArgs()
    try:
        return _trained(files["all"], {name: getattr(best, name) for name in FOUND})
    except RuntimeError:  # a rate at which it met no NaN before
        return _trained(files["all"], TUTORIAL)


def _trained(file: str, settings: dict[str, Any]) -> Any:
    return fasttext.train_supervised(file, thread=THREADS, seed=SEED, verbose=0, **settings)


def _written(path: Path, lines: list[str]) -> str:
    path.write_text("".join(lines), encoding="utf-8")
    return str(path)


def _line(text: Any) -> str:
    """One line of words and signs."""
    return " ".join(re.findall(r"\w+|[^\w\s]", str(text).lower()))


if __name__ == "__main__":
    main(FastText())
