"""Words of steps as vectors: hashed traits, and filters over letters."""

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, relu

_ODD = (0x9E3779B1, 0x85EBCA77)  # primes near 2^32 over the golden ratio, and the like: see xxHash
_SHIFT, _MASK = 13, 2**31 - 1
_LETTERS, _LETTER_VECTOR, _REACH = 256, 24, 3


class Spelled(nn.Module):
    """Each word to the vectors of its traits and the largest answers of filters over its letters, side by side.

    A trait is a hash; its vector is the sum of two rows of a table, so that two traits are hardly ever the same in both
    ("hash embeddings": Svenstrup et al. 2017; of several traits: Miranda et al. 2022). Filters over letters: Ma and
    Hovy 2016.

    Args:
        words: How many words a step has.
        traits: Hashes of each word, the first of which is the word itself; 0 for one that is not known.
        rows: Of each table.
        vector: Numbers of the first trait's vector; the others have a fourth of that.
        filters: Over three letters each.
        drop_words: Share of the words whose first trait is not seen in training.
    """

    def __init__(
        self, words: int, *, traits: int, rows: int, vector: int, filters: int, drop_words: float = 0.0
    ) -> None:
        super().__init__()
        self.words, self.traits, self.drop_words = words, traits, drop_words
        self.first = nn.Embedding(rows, vector)
        self.others = nn.Embedding(rows, max(1, vector // 4))
        self.letters = nn.Embedding(_LETTERS, _LETTER_VECTOR, padding_idx=0)
        self.filters = nn.Conv1d(_LETTER_VECTOR, filters, _REACH, padding=_REACH // 2)
        self.features = words * (vector + (traits - 1) * self.others.embedding_dim + filters)
        with torch.no_grad():
            for table in (self.first, self.others, self.letters):
                table.weight.normal_(std=0.1)
            self.letters.weight[0] = 0

    def forward(self, ids: Tensor) -> Tensor:
        """Numbers of traits and letters (n, t, words * (traits + letters)) to vectors (n, t, features)."""
        n, t, _ = ids.shape
        ids = ids.view(n, t, self.words, -1).long()
        hashes, letters = ids[..., : self.traits], ids[..., self.traits :]
        first = _looked_up(self.first, hashes[..., 0])
        if self.training and self.drop_words:
            first = first * dropout(first.new_ones(*first.shape[:-1], 1), self.drop_words)
        others = _looked_up(self.others, hashes[..., 1:]).flatten(-2)
        return torch.cat([first, others, self._read(letters)], -1).flatten(2)

    def _read(self, letters: Tensor) -> Tensor:
        """The largest answer of each filter over each word (n, t, words, filters)."""
        flat = letters.reshape(-1, letters.shape[-1])
        answers: Tensor = self.filters(self.letters(flat).transpose(1, 2))
        largest = relu(answers.masked_fill((flat == 0)[:, None], -torch.inf).amax(2))
        return largest.view(*letters.shape[:-1], -1)


def _looked_up(table: nn.Embedding, hashes: Tensor) -> Tensor:
    """Vectors (..., d) of hashes (...), zeros for 0."""
    places = [((hashes * odd & _MASK) >> _SHIFT ^ hashes) % table.num_embeddings for odd in _ODD]
    vectors: Tensor = table(places[0]) + table(places[1])
    return vectors * (hashes > 0)[..., None]
