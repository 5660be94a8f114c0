import numpy as np
import pytest
import torch
from torch import nn

from assay.nn.headed import Headed


def net(**given: float) -> Headed:
    torch.manual_seed(0)
    return Headed(nn.Linear(3, 4), 4, outputs=2, **given)  # type: ignore[arg-type]


def test_scores_are_the_head_on_body_and_columns() -> None:
    headed = net(columns=2).eval()
    x, columns = torch.randn(5, 3), torch.randn(5, 2, dtype=torch.float64)
    seen = np.hstack([headed.body(x).detach().numpy(), columns.numpy()])
    wanted = seen @ headed.head.weight.detach().numpy().T + headed.head.bias.detach().numpy()
    assert headed(x, columns).detach().numpy() == pytest.approx(wanted, abs=1e-5)


def test_only_what_the_body_gives_is_dropped() -> None:
    headed = net(columns=1, drop_prob=0.999999)
    x, columns = torch.randn(5, 3), torch.randn(5, 1)
    wanted = columns @ headed.head.weight[:, 4:].T + headed.head.bias
    assert torch.allclose(headed(x, columns), wanted, atol=1e-6)


def test_it_begins_with_the_scores_that_it_is_given() -> None:
    headed = net()
    nn.init.zeros_(headed.head.weight)
    headed.start_at(torch.tensor([-1.5, 0.25], dtype=torch.float64))
    assert headed(torch.randn(1, 3))[0].tolist() == [-1.5, 0.25]
