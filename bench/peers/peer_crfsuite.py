"""Sklearn-crfsuite with the window of features that Assay's family ``crf`` reads."""

from typing import Any

import joblib
import sklearn_crfsuite
from _harness import Job, main
from _sentences import read_sentences, windows


class CrfSuite:
    """L-BFGS with c1 = 0.1, c2 = 0.1, 100 iterations and all transitions, as its tutorial has it."""

    packages: tuple[str, ...] = ("sklearn-crfsuite", "python-crfsuite", "scikit-learn")

    def read(self, path: str, hidden: list[str]) -> Any:
        """Sentences as lists of words."""
        return read_sentences(path)[0]

    def fit(self, job: Job) -> None:
        """Fit on all training sentences."""
        words, tags = read_sentences(job.train)
        given = {"c1": 0.1, "c2": 0.1, "max_iterations": 100, "all_possible_transitions": True}
        model = sklearn_crfsuite.CRF(algorithm="lbfgs", **given)
        joblib.dump(model.fit([windows(sentence) for sentence in words], tags), job.model)

    def load(self, job: Job) -> None:
        """Load the model."""
        self.model = joblib.load(job.model)

    def predict(self, frame: Any) -> tuple[list[str], Any]:
        """The tags of all words behind each other."""
        found = self.model.predict([windows(sentence) for sentence in frame])
        return [tag for tags in found for tag in tags], []


if __name__ == "__main__":
    main(CrfSuite())
