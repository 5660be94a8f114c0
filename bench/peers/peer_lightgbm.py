"""LightGBM as it comes: 100 rounds, categories as pandas categories, text as tf-idf words."""

from typing import Any

import joblib
from _harness import Job, main, pandas_frame
from _typed import typed, types_of
from lightgbm import LGBMClassifier
from sklearn.feature_extraction.text import TfidfVectorizer


class LightGBM:
    """Defaults throughout; the categories seen in training are kept with the model."""

    packages: tuple[str, ...] = ("lightgbm", "scikit-learn", "numpy", "pandas")

    def read(self, path: str, hidden: list[str]) -> Any:
        """Read with pandas."""
        return pandas_frame(path, hidden)

    def fit(self, job: Job) -> None:
        """Fit the trees and keep them, with the preparation, by joblib."""
        frame = self.read(job.train, job.drop)
        target = frame.pop(job.target).astype(str)
        self.words = TfidfVectorizer(min_df=2, max_features=20_000).fit(frame[job.text[0]]) if job.text else None
        self.text = job.text
        self.types = types_of(frame)
        self.model = LGBMClassifier(verbose=-1).fit(self._prepared(frame), target)
        joblib.dump(self.__dict__, job.model)

    def load(self, job: Job) -> None:
        """Load trees and preparation."""
        self.__dict__ = joblib.load(job.model)

    def predict(self, frame: Any) -> tuple[list[str], Any]:
        """Return labels and probabilities."""
        return list(self.model.classes_), self.model.predict_proba(self._prepared(frame))

    def _prepared(self, frame: Any) -> Any:
        """The matrix of words, or the table."""
        return typed(frame, self.types) if self.words is None else self.words.transform(frame[self.text[0]])


if __name__ == "__main__":
    main(LightGBM())
