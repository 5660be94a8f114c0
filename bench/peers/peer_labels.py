"""Several labels of a row by scikit-learn: logistic regressions beside each other, or in a chain."""

from fnmatch import fnmatch
from typing import Any

import joblib
import numpy as np
import pandas as pd
from _harness import Job, main
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer, StandardScaler


class Labels:
    """C=1, at most 1,000 iterations; standardised numbers or tf-idf words; a chain in the order of the labels."""

    packages: tuple[str, ...] = ("scikit-learn", "numpy", "pandas")

    def read(self, path: str, hidden: list[str]) -> Any:
        """Read with pandas, without what is hidden."""
        frame = pd.read_parquet(path)
        return frame.drop(columns=[name for name in frame.columns if any(fnmatch(name, one) for one in hidden)])

    def fit(self, job: Job) -> None:
        """Fit the pipeline and keep it with joblib."""
        frame = self.read(job.train, [job.target, *job.drop])
        self.labels, y = _labels(pd.read_parquet(job.train), job.target)
        self.text = job.text
        words = make_pipeline(TfidfVectorizer())
        numbers = make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())
        one = LogisticRegression(C=1.0, max_iter=1000)
        both = ClassifierChain(one) if job.options["chain"] else OneVsRestClassifier(one)
        self.model = make_pipeline(words if job.text else numbers, both).fit(self._given(frame), y)
        joblib.dump(self.__dict__, job.model)

    def load(self, job: Job) -> None:
        """Load the pipeline."""
        self.__dict__ = joblib.load(job.model)

    def predict(self, frame: Any) -> tuple[list[str], Any]:
        """The labels, and 0 or 1 for each row and label."""
        return self.labels, np.asarray(self.model.predict(self._given(frame)))

    def _given(self, frame: Any) -> Any:
        return frame[self.text[0]] if self.text else frame


def _labels(frame: Any, target: str) -> tuple[list[str], Any]:
    """Names and 0 or 1 (n, k), from columns or from a column of lists."""
    names = [name for name in frame.columns if fnmatch(name, target)]
    if len(names) > 1:
        return names, frame[names].to_numpy()
    binarizer = MultiLabelBinarizer()
    y = binarizer.fit_transform(frame[target])
    return list(binarizer.classes_), y


if __name__ == "__main__":
    main(Labels())
