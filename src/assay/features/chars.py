"""Runs of 2 to 5 characters inside words of texts, by tf-idf."""

from assay.data.dataset import Dataset
from assay.features._terms import Terms, char_terms
from assay.features._tfidf import Tfidf


class Chars(Tfidf):
    """Runs of 2 to 5 characters inside words, by tf-idf."""

    name = "chars"

    def terms(self, data: Dataset, column: str) -> Terms:
        """The counted terms of a column."""
        return char_terms(data, column)
