"""Assay through its Python API; `assay fit DATA --target label --time 60 --out RUN` does the same."""

from typing import Any

from _harness import Job, main

import assay


class Assay:
    """Set: target, budget, hidden columns, and to keep classes of one row, as the peers do and Assay asks for."""

    packages: tuple[str, ...] = ("assay", "polars", "lightgbm", "scikit-learn", "torch")

    def read(self, path: str, hidden: list[str]) -> Any:
        """Read as Assay reads."""
        from assay.data.read import read_table

        return read_table(path).drop(hidden, strict=False)  # noise in labels is in training rows only

    def fit(self, job: Job) -> None:
        """Fit within the budget; the run folder is the model."""
        given = {"time": job.seconds, "out": job.model, "drop": job.drop, "rare_classes": "keep"}
        assay.fit(job.train, target=job.target, **given, **job.options)

    def load(self, job: Job) -> None:
        """Load the run folder."""
        self.run = assay.load(job.model)

    def predict(self, frame: Any) -> tuple[list[str], Any]:
        """Return labels and probabilities."""
        return list(self.run.classes), self.run.predict_proba(frame)


if __name__ == "__main__":
    main(Assay())
