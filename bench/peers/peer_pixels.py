"""LightGBM with its defaults on raw pixels: what a picture is worth to a good learner of tables."""

from pathlib import Path
from typing import Any

import numpy as np
from _harness import Job, main


class Pixels:
    """Each pixel of each channel is a column."""

    packages: tuple[str, ...] = ("lightgbm", "numpy")

    def read(self, path: str, hidden: list[str]) -> Any:
        """Pixels (n, d) uint8."""
        from assay.data.prepare import Wishes, prepare
        from assay.data.read import read_table
        from assay.data.schema import Kind

        table = read_table(path)
        data = prepare(
            table, Wishes("label", drop=tuple(name for name in hidden if name in table.columns and name != "label"))
        )
        (column,) = data.schema.features(Kind.PICTURE)
        return data.pictures(column).reshape(len(data), -1)

    def fit(self, job: Job) -> None:
        """Fit 100 rounds, and keep the trees as LightGBM's own text."""
        import lightgbm

        from assay.data.read import read_table

        labels = [str(label) for label in read_table(job.train)[job.target].to_list()]
        classes, y = np.unique(labels, return_inverse=True)
        model = lightgbm.LGBMClassifier(verbosity=-1).fit(self.read(job.train, job.drop), y)
        folder = Path(job.model)
        folder.mkdir()
        model.booster_.save_model(folder / "trees.txt")
        np.save(folder / "classes.npy", classes)

    def load(self, job: Job) -> None:
        """Read the trees."""
        import lightgbm

        self.trees = lightgbm.Booster(model_file=Path(job.model) / "trees.txt")
        self.classes = np.load(Path(job.model) / "classes.npy", allow_pickle=False).tolist()

    def predict(self, frame: Any) -> tuple[list[str], Any]:
        """Return labels and probabilities."""
        return self.classes, self.trees.predict(frame)


if __name__ == "__main__":
    main(Pixels())
