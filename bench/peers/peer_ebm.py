"""InterpretML's Explainable Boosting Machine as it comes."""

from typing import Any

import joblib
from _harness import Job, main, pandas_frame
from interpret.glassbox import ExplainableBoostingClassifier


class Ebm:
    """Defaults, but for both cores; what is not a number is a category."""

    packages: tuple[str, ...] = ("interpret-core", "scikit-learn", "numpy", "pandas")

    def read(self, path: str, hidden: list[str]) -> Any:
        """Read with pandas."""
        return pandas_frame(path, hidden)

    def fit(self, job: Job) -> None:
        """Fit and keep the model by joblib."""
        frame = self.read(job.train, job.drop)
        target = frame.pop(job.target).astype(str)
        joblib.dump(ExplainableBoostingClassifier(n_jobs=2).fit(frame, target), job.model)

    def load(self, job: Job) -> None:
        """Load the model."""
        self.model = joblib.load(job.model)

    def predict(self, frame: Any) -> tuple[list[str], Any]:
        """Return labels and probabilities."""
        return list(self.model.classes_), self.model.predict_proba(frame)


if __name__ == "__main__":
    main(Ebm())
