import pytest
import torch

from assay.core.errors import PlanError
from assay.families.transformer import Transformer

FACTS = {**{key: Transformer.defaults[key] for key in Transformer.of_net}, "words": 30, "columns": 0, "outputs": 2}


def test_two_layers_of_four_heads_on_vectors_of_128() -> None:
    net = Transformer().net(FACTS)
    assert [block.heads for block in net.body.blocks] == [4, 4]
    assert net.head.weight.shape == (2, 128)
    assert net(torch.ones(5, 7, dtype=torch.int64)).shape == (5, 2)


@pytest.mark.parametrize(("width", "heads", "fix"), [(10, 4, "set width to 8"), (9, 3, "set width to 12")])
def test_a_width_that_heads_cannot_share_is_told_before_anything_is_fitted(width: int, heads: int, fix: str) -> None:
    with pytest.raises(PlanError, match=rf"width = {width} beside heads = {heads}(?s:.*){fix}, or change heads"):
        Transformer().check({"width": width, "heads": heads})


def test_the_first_steps_are_small() -> None:
    from assay.training.schedules import Place, make_schedule

    schedule = make_schedule(Transformer.defaults["schedule"], None, **Transformer.defaults["schedule_options"])
    rises = [schedule.factor(Place(step, 100)) for step in range(30)]
    assert rises == sorted(rises)
    assert rises[0] < 0.1
