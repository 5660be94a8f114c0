"""AutoGluon at the quality that it is told, with log loss as its aim; text goes through its own text features."""

from typing import Any

from _harness import Job, main, pandas_frame
from autogluon.tabular import TabularPredictor


class AutoGluon:
    """A predictor that is kept in memory for prediction, as its guide advises for serving."""

    packages: tuple[str, ...] = (
        "autogluon.tabular",
        "lightgbm",
        "catboost",
        "xgboost",
        "xgboost-cpu",
        "scikit-learn",
        "pandas",
    )

    def read(self, path: str, hidden: list[str]) -> Any:
        """Read with pandas."""
        return pandas_frame(path, hidden)

    def fit(self, job: Job) -> None:
        """Fit within the budget; AutoGluon saves by itself."""
        frame = self.read(job.train, job.drop)
        frame[job.target] = frame[job.target].astype(str)
        predictor = TabularPredictor(label=job.target, eval_metric="log_loss", path=job.model, verbosity=1)
        predictor.fit(frame, presets=job.options["presets"], time_limit=job.seconds)

    def load(self, job: Job) -> None:
        """Load the predictor and hold its models in memory."""
        self.predictor = TabularPredictor.load(job.model)
        self.predictor.persist()

    def predict(self, frame: Any) -> tuple[list[str], Any]:
        """Return labels and probabilities."""
        table = self.predictor.predict_proba(frame, as_multiclass=True)
        return [str(name) for name in table.columns], table.to_numpy()


if __name__ == "__main__":
    main(AutoGluon())
