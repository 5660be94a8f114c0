"""LightGBM as it comes, for numbers: 100 rounds, categories as pandas categories."""

from typing import Any

import joblib
import pandas as pd
from _harness import Job, main, pandas_frame
from lightgbm import LGBMRegressor


class LightGBM:
    """Defaults throughout; the categories seen in training are kept with the model."""

    packages: tuple[str, ...] = ("lightgbm", "numpy", "pandas")

    def read(self, path: str, hidden: list[str]) -> Any:
        """Read with pandas."""
        return pandas_frame(path, hidden)

    def fit(self, job: Job) -> None:
        """Fit the trees and keep them by joblib."""
        frame = self.read(job.train, job.drop)
        target = frame.pop(job.target)
        self.types = [_type(frame[name]) for name in frame.columns]
        self.model = LGBMRegressor(verbose=-1).fit(self._prepared(frame), target)
        joblib.dump(self.__dict__, job.model)

    def load(self, job: Job) -> None:
        """Load the trees."""
        self.__dict__ = joblib.load(job.model)

    def predict(self, frame: Any) -> tuple[list[str], Any]:
        """The predictions (n, 1)."""
        return ["prediction"], self.model.predict(self._prepared(frame))[:, None]

    def _prepared(self, frame: Any) -> Any:
        typed = zip(frame.columns, self.types, strict=True)
        return pd.DataFrame({f"c{at}": frame[name].astype(type_) for at, (name, type_) in enumerate(typed)})


def _type(column: Any) -> Any:
    return "float64" if pd.api.types.is_numeric_dtype(column) else pd.CategoricalDtype(sorted(column.dropna().unique()))


if __name__ == "__main__":
    main(LightGBM())
