"""What every family of nets shares: facts make the net, `before` can tell, weights that do not fit are refused."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import torch

from assay.core.errors import PlanError, RunError
from assay.families._links import FLOOR
from assay.families._net_family import TRAINING, NetPredictor
from assay.families.bag import Bag
from assay.families.textcnn import Textcnn
from tests.families.text_cases import learning, matrix, small

FACTS = {"width": 4, "pairs": 0, "drop_words": 0.0, "drop_prob": 0.0, "words": 7, "columns": 0, "outputs": 2}


def weights(**changed: Any) -> dict[str, Any]:
    torch.manual_seed(0)
    return {name: value.numpy() for name, value in Bag().net(FACTS).state_dict().items()} | changed


def state(**changed: Any) -> dict[str, Any]:
    link = {"form": "classes"}
    return {"family": "bag", "facts": dict(FACTS), "weights": weights(), "link": link, **changed}


class Told(Bag):
    """Sets the head to zero before the training, and tells of it."""

    defaults = MappingProxyType({**Bag.defaults, "rate": 1e-30})

    def before(self, net: Any, *given: Any) -> Mapping[str, Any]:
        assert float(net.head.bias.detach().exp().sum()) == pytest.approx(1)  # the prior is there already
        torch.nn.init.zeros_(net.head.weight)
        torch.nn.init.zeros_(net.head.bias)
        return {"head": "zero"}


def test_what_is_done_before_the_training_counts_and_is_told() -> None:
    given = learning()
    fitted = Told().fit(given, {**small(Bag, epochs=1), "rate": 1e-30, "decay": 0.0})
    assert fitted.notes["head"] == "zero"
    assert fitted.notes["epochs"] == 1
    np.testing.assert_allclose(fitted.predictor.predict(given.valid), 0.5, atol=1e-6)


def test_probabilities_have_a_floor_and_sum_to_one() -> None:
    predictor = NetPredictor(Bag(), FACTS, weights(**{"head.bias": np.array([0, 99], np.float32)}))
    outputs = predictor.predict(matrix([[3], [4]]))
    np.testing.assert_allclose(outputs.sum(1), 1, atol=1e-12)
    assert outputs[:, 0] == pytest.approx([FLOOR / (1 + FLOOR)] * 2)


def test_many_rows_are_predicted_in_pieces_with_the_same_outputs() -> None:
    predictor = NetPredictor(Bag(), FACTS, weights())
    rows = [[3 + i % 4] for i in range(1_100)]
    outputs = predictor.predict(matrix(rows))
    assert outputs.shape == (1_100, 2)
    np.testing.assert_allclose(outputs, np.tile(outputs[:4], (275, 1)), atol=1e-7)


def test_a_read_net_is_in_evaluation_mode_and_learns_no_more() -> None:
    net = NetPredictor.from_state(state()).net
    assert not net.training
    assert not any(parameter.requires_grad for parameter in net.parameters())


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"family": "nothing"}, "a net of the family 'nothing'"),
        ({"family": "linear"}, "a net of the family 'linear', which has none"),
        ({"facts": {**FACTS, "words": 8}}, "another shape: body.embedding.weight"),
        ({"facts": {**FACTS, "words": -1}}, "missing, too many or wrong: words"),
        ({"facts": {**FACTS, "words": True, "width": "4"}}, "wrong: width|wrong: words"),
        ({"facts": {**FACTS, "more": 1}}, "too many or wrong: more"),
        ({"facts": {**FACTS, "width": 10**9}}, "cannot be built"),
        ({"weights": {}}, "weights that are missing"),
        ({"weights": weights(extra=np.zeros(1, np.float32))}, "another shape: extra"),
        ({"weights": weights(**{"head.bias": np.zeros(2)})}, "another shape: head.bias"),
        ({"weights": {"head.bias": 3}}, "weights of a net that are no numbers"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(changed: dict[str, Any], found: str) -> None:
    with pytest.raises(RunError, match=f"{found}(?s:.*)changed or damaged"):
        NetPredictor.from_state(state(**changed))


def test_forged_sizes_take_no_memory() -> None:
    huge = {**FACTS, "words": 2**31, "width": 4_096}  # 35 TB
    with pytest.raises(RunError, match=r"another shape: body\.embedding\.weight"):
        NetPredictor.from_state(state(facts=huge))


def test_settings_of_the_training_are_checked_with_those_of_the_net() -> None:
    assert TRAINING.keys() <= Bag.defaults.keys()
    with pytest.raises(PlanError, match="rate = -1"):
        Textcnn().check({"rate": -1})
    with pytest.raises(PlanError, match="no loss named 'crossentropy'"):
        Textcnn().check({"loss": "crossentropy"})
