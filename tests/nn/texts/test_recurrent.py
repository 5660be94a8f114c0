import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from assay.nn.texts.recurrent import Recurrent, reversing, turned

KINDS = {"elman": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
LENGTHS = (5, 1, 3, 7, 2, 7)


def ids(lengths: tuple[int, ...] = LENGTHS, longest: int = 9) -> Tensor:
    drawn = torch.randint(1, 20, (len(lengths), longest), generator=torch.Generator().manual_seed(3))
    return drawn * (torch.arange(longest) < torch.tensor(lengths)[:, None])


def packed_states(net: Recurrent, cell: str, rows: Tensor, lengths: tuple[int, ...]) -> Tensor:
    """The same weights in torch's own bidirectional module of many layers, over packed rows."""
    vector, width, layers = net.words.embedding.embedding_dim, net.features // 2, len(net.layers)
    module = KINDS[cell](vector, width, layers, batch_first=True, bidirectional=True)
    weights = {}
    for number, layer in enumerate(net.layers):
        for suffix, one in (("", layer.ahead), ("_reverse", layer.back)):
            weights |= {f"{name.removesuffix('0')}{number}{suffix}": value for name, value in one.state_dict().items()}
    module.load_state_dict(weights)
    packed = pack_padded_sequence(net.words(rows), torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(module(packed)[0], batch_first=True)[0]


@pytest.mark.parametrize("cell", KINDS)
@pytest.mark.parametrize("layers", [1, 2])
def test_states_are_those_of_torchs_module_over_packed_rows(cell: str, layers: int) -> None:
    rows = ids()
    for pool in ("max", "mean", "last"):
        net = Recurrent(20, cell=cell, vector=6, width=4, layers=layers, pool=pool)
        states = packed_states(net, cell, rows, LENGTHS)
        wanted = []
        for row, length in zip(states, LENGTHS, strict=True):
            there = row[:length]
            ends = torch.cat([there[-1, :4], there[0, 4:]])
            wanted.append({"max": there.amax(0), "mean": there.mean(0), "last": ends}[pool])
        for mode in (True, False):
            assert torch.allclose(net.train(mode)(rows), torch.stack(wanted), atol=1e-6)


@pytest.mark.parametrize("cell", KINDS)
def test_rows_of_very_different_length_are_packed_with_the_same_states(
    cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = Recurrent(20, cell=cell, vector=6, width=4, layers=2)
    rows, asked = ids((1, 1, 2, 1, 1, 40), 40), []

    def packing(*given: object, **named: object) -> object:
        asked.append(1)
        return pack_padded_sequence(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("assay.nn.texts.recurrent.pack_padded_sequence", packing)
    together = net(rows)
    assert len(asked) == 4  # two layers, each in two directions
    alone = torch.cat([net(row[row != 0][None]) for row in rows])
    assert len(asked) == 4
    assert torch.allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize("cell", KINDS)
def test_a_text_without_words_is_read(cell: str) -> None:
    net = Recurrent(20, cell=cell, vector=6, width=4).eval()
    rows = ids((0, 4, 0, 6))
    assert torch.allclose(net(rows)[0], net(torch.zeros(1, 1, dtype=torch.int64))[0], atol=1e-7)
    assert bool(torch.isfinite(net(rows)).all())


def test_one_direction_does_not_see_what_comes_later() -> None:
    for both in (False, True):
        net = Recurrent(20, cell="gru", vector=6, width=4, bidirectional=both, pool="last")
        assert net.features == (8 if both else 4)
        one, two = torch.tensor([[3, 4, 5]]), torch.tensor([[3, 4, 9]])
        assert not torch.allclose(net(one), net(two))
    read = Recurrent(20, cell="gru", vector=6, width=4, bidirectional=False, pool="max")
    peak = read(torch.tensor([[3, 4]]))
    assert (read(torch.tensor([[3, 4, 5]])) >= peak - 1e-6).all()


def test_reversed_rows_stay_in_front_and_come_back() -> None:
    turn = reversing(torch.tensor([3, 1, 4]), 4)
    assert turn.tolist() == [[2, 1, 0, 3], [0, 1, 2, 3], [3, 2, 1, 0]]
    x = torch.arange(24.0).view(3, 4, 2)
    assert torch.equal(turned(turned(x, turn), turn), x)


@pytest.mark.parametrize(("cell", "gates"), [("elman", 1), ("gru", 3), ("lstm", 4)])
def test_each_gate_begins_orthogonal_and_forget_gates_open(cell: str, gates: int) -> None:
    net = Recurrent(20, cell=cell, vector=6, width=8)
    for layer in net.layers:
        for module in (layer.ahead, layer.back):
            for gate in module.weight_hh_l0.detach().numpy().reshape(gates, 8, 8):
                assert gate @ gate.T == pytest.approx(np.eye(8), abs=1e-5)
            offsets = (module.bias_ih_l0 + module.bias_hh_l0).detach().view(gates, 8)
            wanted = torch.zeros(gates, 8)
            if cell == "lstm":
                wanted[1] = 1
            assert torch.equal(offsets, wanted)


def test_dropout_between_layers_is_for_training_only() -> None:
    torch.manual_seed(0)
    net = Recurrent(20, cell="lstm", vector=6, width=4, layers=2, drop_words=0.2, drop_inputs=0.5)
    assert not torch.equal(net(ids()), net(ids()))
    net.eval()
    assert torch.equal(net(ids()), net(ids()))
