import numpy as np
import pytest
import torch
from torch import nn

from assay.families.rnn import Rnn
from assay.testing._examples import example
from assay.testing.families import learning

FACTS = {**{key: Rnn.defaults[key] for key in Rnn.of_net}, "words": 30, "columns": 2, "outputs": 3}


@pytest.mark.parametrize(("cell", "kind"), [("gru", nn.GRU), ("elman", nn.RNN)])
def test_the_cell_is_what_the_settings_say(cell: str, kind: type[nn.Module]) -> None:
    net = Rnn().net({**FACTS, "cell": cell, "vector": 6, "width": 4, "layers": 2, "bidirectional": False})
    cells = [module for module in net.modules() if isinstance(module, nn.RNNBase)]
    assert [type(module) for module in cells] == [kind, kind]
    assert [module.input_size for module in cells] == [6, 4]
    assert net(torch.ones(5, 7, dtype=torch.int64), torch.zeros(5, 2)).shape == (5, 3)


def test_elmans_net_learns_too_and_states_may_be_read_at_the_end() -> None:
    given = learning(Rnn, example(columns=("text",)))
    settings = {**Rnn.defaults, **Rnn.small, "cell": "elman", "pool": "last", "bidirectional": False}
    outputs = Rnn().fit(given, settings).predictor.predict(given.valid)
    assert (outputs.argmax(1) == given.valid_y).mean() > 0.7
    assert np.allclose(outputs.sum(1), 1)
