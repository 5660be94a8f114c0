"""Write the breast-cancer table that scikit-learn carries as two CSV files, for `make demo`: no network is needed."""

import sys
from pathlib import Path

from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split


def main(folder: Path) -> None:
    """Write ``breast_cancer_train.csv`` (426 rows) and ``breast_cancer_test.csv`` (143 rows) into ``folder``."""
    bunch = load_breast_cancer(as_frame=True)
    table = bunch.data.assign(diagnosis=bunch.target.map(dict(enumerate(bunch.target_names))))
    train, test = train_test_split(table, test_size=0.25, stratify=table["diagnosis"], random_state=0)
    folder.mkdir(parents=True, exist_ok=True)
    train.to_csv(folder / "breast_cancer_train.csv", index=False)
    test.to_csv(folder / "breast_cancer_test.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
