"""Recurrent nets over words: Elman (1990), LSTM (Hochreiter & Schmidhuber 1997) and GRU (Cho et al. 2014)."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from assay.nn.texts.words import Reader, Words, pooled

CELLS: dict[str, Callable[..., nn.RNNBase]] = {"elman": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}

# Torch reads padded rows with fused kernels and packed ones step by step: measured on one thread, a word in a packed
# batch costs as much as this many in a padded one.
_PACKED = {"elman": 1.5, "gru": 1.2, "lstm": 2.6}


class Recurrent(Reader):
    """Word vectors, ``layers`` of recurrent cells, and one vector of all states.

    Gates are orthogonal from the state and xavier from the input; forget gates begin open, with an offset of 1
    (Jozefowicz et al. 2015).

    Args:
        words: How many numbers of words there are.
        cell: ``"elman"`` (tanh), ``"gru"`` or ``"lstm"``.
        vector, width: Of a word's vector, and of a state in one direction.
        layers: How many, one over the other.
        bidirectional: Whether each layer also reads from the end.
        pool: ``"last"`` for the state after a row's last word (read from the end: after its first), ``"max"`` or
            ``"mean"`` over all words.
        drop_words, drop_inputs: As `Words` has them; the second also between layers.
    """

    def __init__(
        self,
        words: int,
        *,
        cell: str,
        vector: int,
        width: int,
        layers: int = 1,
        bidirectional: bool = True,
        pool: str = "max",
        drop_words: float = 0.0,
        drop_inputs: float = 0.0,
    ) -> None:
        super().__init__()
        self.pool, self.features = pool, width * (1 + bidirectional)
        self.words = Words(words, vector, drop_words=drop_words, drop_prob=drop_inputs)
        sizes = [vector, *[self.features] * (layers - 1)]
        self.layers = nn.ModuleList(Layer(size, width, cell, bidirectional=bidirectional) for size in sizes)
        self.drop_prob = drop_inputs

    def read(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """The states of the last layer, pooled."""
        states, turn = self.words(ids), reversing(lengths, ids.shape[1])
        for number, layer in enumerate(self.layers):
            ahead, back = layer(dropout(states, self.drop_prob if number else 0.0, self.training), lengths, turn)
            last = number == len(self.layers) - 1
            # Pooling does not ask for the order, so that the last layer need not be turned round again.
            parts = [ahead] if back is None else [ahead, back if last else turned(back, turn)]
            states = torch.cat(parts, 2)
        return pooled(states, lengths, self.pool)


class Layer(nn.Module):
    """One layer of recurrent cells; what it reads from the end stands in that order, each row's last word first."""

    def __init__(self, inputs: int, width: int, cell: str, *, bidirectional: bool) -> None:
        super().__init__()
        self.dear = _PACKED[cell]
        self.ahead = _begun(CELLS[cell](inputs, width, batch_first=True))
        self.back = _begun(CELLS[cell](inputs, width, batch_first=True)) if bidirectional else None

    def forward(self, x: Tensor, lengths: Tensor, turn: Tensor) -> tuple[Tensor, Tensor | None]:
        """States (n, t, width) of both directions for (n, t, inputs)."""
        ahead = self._states(self.ahead, x, lengths)
        return ahead, None if self.back is None else self._states(self.back, turned(x, turn), lengths)

    def _states(self, module: nn.Module, x: Tensor, lengths: Tensor) -> Tensor:
        """Rows are packed where padding would cost more; the states of their words are the same."""
        states: Tensor
        if x.shape[0] * x.shape[1] <= self.dear * int(lengths.sum()):
            states, _ = module(x)
        else:
            packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
            states, _ = pad_packed_sequence(module(packed)[0], batch_first=True)
        return states


def reversing(lengths: Tensor, longest: int) -> Tensor:
    """Places (n, t) that put each row's words into reverse order, and leave what is behind them where it is."""
    places = torch.arange(longest, device=lengths.device).expand(len(lengths), longest)
    mirrored = lengths[:, None] - 1 - places
    return torch.where(mirrored >= 0, mirrored, places)


def turned(x: Tensor, turn: Tensor) -> Tensor:
    """The vectors (n, t, d) of each row in the order of its places (n, t)."""
    return x.gather(1, turn[..., None].expand(x.shape))


@torch.no_grad()
def _begun(module: nn.RNNBase) -> nn.RNNBase:
    for name, parameter in module.named_parameters():
        if name.startswith("bias"):
            parameter.zero_()
            continue
        for gate in torch.split(parameter, module.hidden_size):
            (nn.init.orthogonal_ if name.startswith("weight_hh") else nn.init.xavier_uniform_)(gate)
    if isinstance(module, nn.LSTM):  # its gates: input, forget, cell, output
        module.get_parameter("bias_ih_l0")[module.hidden_size : 2 * module.hidden_size] = 1.0
    return module
