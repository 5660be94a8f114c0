"""Naive Bayes features under a linear model (Wang & Manning 2012), on words and pairs of words."""

from typing import Any

import joblib
import numpy as np
from _harness import Job, main, pandas_frame
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

ALPHA = 1.0


class NbSvm:
    """Binary counts times the log-count ratio of a class; logistic regressions of each class against the rest."""

    packages: tuple[str, ...] = ("scikit-learn", "numpy", "pandas")

    def read(self, path: str, hidden: list[str]) -> Any:
        """Read with pandas."""
        return pandas_frame(path, hidden)

    def fit(self, job: Job) -> None:
        """Fit one model for each class, one for two classes, and keep them with joblib."""
        frame = self.read(job.train, job.drop)
        target = frame[job.target].astype(str).to_numpy()
        self.column = job.text[0]
        self.words = CountVectorizer(ngram_range=(1, 2), binary=True, token_pattern=r"(?u)\b\w+\b|[^\w\s]")
        counts = self.words.fit_transform(frame[self.column]).astype(np.float64)
        self.classes = sorted(set(target))
        models = [_against_rest(counts, target == name) for name in self.classes[-1 if len(self.classes) == 2 else 0 :]]
        self.weights = np.column_stack([weight for weight, _ in models])
        self.biases = np.array([bias for _, bias in models])
        joblib.dump(self.__dict__, job.model)

    def load(self, job: Job) -> None:
        """Load words and weights."""
        self.__dict__ = joblib.load(job.model)

    def predict(self, frame: Any) -> tuple[list[str], Any]:
        """Return labels and probabilities; those of more than two classes are divided by their sum."""
        scores = self.words.transform(frame[self.column]).astype(np.float64) @ self.weights + self.biases
        told = 1.0 / (1.0 + np.exp(-scores))
        told = np.hstack([1.0 - told, told]) if len(self.classes) == 2 else told
        return self.classes, told / told.sum(axis=1, keepdims=True)


def _against_rest(counts: Any, positive: Any) -> tuple[Any, float]:
    """Weights (words,), the ratio within them, and the bias."""
    for_it, against = (ALPHA + np.asarray(counts[rows].sum(axis=0)).ravel() for rows in (positive, ~positive))
    ratio = np.log(for_it / for_it.sum()) - np.log(against / against.sum())
    scaled = counts.multiply(ratio).tocsr()
    model = LogisticRegression(C=1.0, solver="liblinear", dual=True, max_iter=1000).fit(scaled, positive)
    return model.coef_[0] * ratio, float(model.intercept_[0])


if __name__ == "__main__":
    main(NbSvm())
