"""Scikit-learn's logistic regression on the plainest sound preparation of each kind of column."""

from typing import Any

import joblib
from _harness import Job, main, pandas_frame
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


class Logistic:
    """C=1, at most 1,000 iterations; a missing category is a category of its own."""

    packages: tuple[str, ...] = ("scikit-learn", "numpy", "pandas")

    def read(self, path: str, hidden: list[str]) -> Any:
        """Read with pandas."""
        return pandas_frame(path, hidden)

    def fit(self, job: Job) -> None:
        """Fit the pipeline and keep it with joblib."""
        frame = self.read(job.train, job.drop)
        target = frame.pop(job.target).astype(str)
        numbers = list(frame.select_dtypes("number").columns)
        categories = [name for name in frame.columns if name not in [*numbers, *job.text]]
        prepare = make_column_transformer(
            (make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()), numbers),
            (OneHotEncoder(handle_unknown="ignore"), categories),
            *((TfidfVectorizer(), name) for name in job.text),
        )
        model = make_pipeline(prepare, LogisticRegression(C=1.0, max_iter=1000))
        joblib.dump(model.fit(frame, target), job.model)

    def load(self, job: Job) -> None:
        """Load the pipeline."""
        self.model = joblib.load(job.model)

    def predict(self, frame: Any) -> tuple[list[str], Any]:
        """Return labels and probabilities."""
        return list(self.model.classes_), self.model.predict_proba(frame)


if __name__ == "__main__":
    main(Logistic())
