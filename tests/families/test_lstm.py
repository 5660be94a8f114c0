import numpy as np
import torch
from torch import nn

from assay.families._net_family import NetPredictor
from assay.families.lstm import Lstm
from assay.features._base import Matrix, Tokens

FACTS = {**{key: Lstm.defaults[key] for key in Lstm.of_net}, "words": 30, "columns": 0, "outputs": 2}
KEYS = {
    "body.words.embedding.weight": (30, 128),
    "body.layers.0.ahead.weight_ih_l0": (256, 128),
    "body.layers.0.ahead.weight_hh_l0": (256, 64),
    "body.layers.0.ahead.bias_ih_l0": (256,),
    "body.layers.0.ahead.bias_hh_l0": (256,),
    "body.layers.0.back.weight_ih_l0": (256, 128),
    "body.layers.0.back.weight_hh_l0": (256, 64),
    "body.layers.0.back.bias_ih_l0": (256,),
    "body.layers.0.back.bias_hh_l0": (256,),
    "head.weight": (2, 128),
    "head.bias": (2,),
}


def test_names_and_shapes_of_the_weights_stay_what_they_are() -> None:
    """Models on disk have these names."""
    assert {name: tuple(value.shape) for name, value in Lstm().net(FACTS).state_dict().items()} == KEYS


def test_words_are_read_from_both_ends_unless_told_otherwise() -> None:
    cells = [module for module in Lstm().net(FACTS).modules() if isinstance(module, nn.LSTM)]
    assert len(cells) == 2
    one = Lstm().net({**FACTS, "bidirectional": False})
    assert sum(isinstance(module, nn.LSTM) for module in one.modules()) == 1


def test_predictions_do_not_depend_on_the_padding_that_neighbours_bring() -> None:
    torch.manual_seed(0)
    weights = {name: value.numpy() for name, value in Lstm().net(FACTS).state_dict().items()}
    predictor = NetPredictor(Lstm(), FACTS, weights)
    draw = np.random.default_rng(0)
    lengths = [0, 1, 90, 3, 12, 200, 2]
    ids = np.zeros((len(lengths), 200), np.int32)
    for row, length in enumerate(lengths):
        ids[row, :length] = draw.integers(1, 30, length)

    def predicted(block: np.ndarray) -> np.ndarray:
        n = len(block)
        tokens = Tokens(block, tuple(f"word {i}" for i in range(30)), 30)
        return predictor.predict(Matrix(np.zeros((n, 0), np.float32), np.zeros((n, 0), np.int32), None, tokens=tokens))

    together = predicted(ids)
    for row, length in enumerate(lengths):
        assert np.allclose(predicted(ids[row : row + 1, : max(1, length)])[0], together[row], rtol=0, atol=1e-6)
