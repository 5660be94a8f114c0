"""FLAML's AutoML with log loss as its aim, for tables."""

import os
import sys
from typing import Any

import joblib
from _harness import Job, main, pandas_frame
from flaml import AutoML


class Flaml:
    """Defaults, but for the cores that it may use; what is not a number is a category."""

    packages: tuple[str, ...] = ("flaml", "lightgbm", "xgboost", "catboost", "scikit-learn", "pandas")

    def read(self, path: str, hidden: list[str]) -> Any:
        """Read with pandas; words as plain objects, which FLAML takes for categories."""
        frame = pandas_frame(path, hidden)
        words = frame.select_dtypes(exclude=["number", "bool"]).columns
        return frame.astype(dict.fromkeys(words, object))

    def fit(self, job: Job) -> None:
        """Fit within the budget and keep the best model with joblib."""
        frame = self.read(job.train, job.drop)
        target = frame.pop(job.target).astype(str)
        found = AutoML()
        cores = len(os.sched_getaffinity(0))
        given = {"time_budget": job.seconds, "n_jobs": cores, "seed": 0, "verbose": 0}
        found.fit(frame, target, task="classification", metric="log_loss", **given)
        if found.model is None:
            sys.exit("no model in its time")
        joblib.dump(found, job.model)

    def load(self, job: Job) -> None:
        """Load the model."""
        self.model = joblib.load(job.model)

    def predict(self, frame: Any) -> tuple[list[str], Any]:
        """Return labels and probabilities."""
        return [str(name) for name in self.model.classes_], self.model.predict_proba(frame)


if __name__ == "__main__":
    main(Flaml())
