"""LightGBM as it comes, for numbers: 100 rounds, categories as pandas categories."""

from typing import Any

import joblib
from _harness import Job, main, pandas_frame
from _typed import typed, types_of
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
        self.types = types_of(frame)
        self.model = LGBMRegressor(verbose=-1).fit(typed(frame, self.types), target)
        joblib.dump(self.__dict__, job.model)

    def load(self, job: Job) -> None:
        """Load the trees."""
        self.__dict__ = joblib.load(job.model)

    def predict(self, frame: Any) -> tuple[list[str], Any]:
        """The predictions (n, 1)."""
        return ["prediction"], self.model.predict(typed(frame, self.types))[:, None]


if __name__ == "__main__":
    main(LightGBM())
