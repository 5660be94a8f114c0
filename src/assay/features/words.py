"""Words and pairs of neighbouring words of texts, by tf-idf."""

from assay.data.dataset import Dataset
from assay.features._terms import Terms, word_terms
from assay.features._tfidf import Tfidf


class Words(Tfidf):
    """Words and pairs of neighbouring words, by tf-idf."""

    name = "words"

    def terms(self, data: Dataset, column: str) -> Terms:
        """The counted terms of a column."""
        return word_terms(data, column)
