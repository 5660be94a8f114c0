import json

import pytest
import torch

from assay.core.errors import PlanError

transformers = pytest.importorskip("transformers", reason="needs pip install -e '.[pretrained]'")
from assay.nn.texts.pretrained import Pretrained  # noqa: E402

CONFIG = {
    "model_type": "bert",
    "vocab_size": 9,
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 8,
}


@pytest.mark.parametrize("pooling", ["mean", "max", "cls"])
def test_rows_with_padding_are_read_as_transformers_reads_them_alone(pooling: str) -> None:
    torch.manual_seed(0)
    body = Pretrained(json.dumps(CONFIG), pooling=pooling).eval()
    ids = torch.tensor([[3, 6, 7, 4, 1], [3, 4, 0, 0, 0], [3, 5, 4, 0, 0]])
    with torch.no_grad():
        vectors = body(ids)
        for row, vector in zip(ids, vectors, strict=True):
            states = body.net(input_ids=(row[row > 0] - 1)[None]).last_hidden_state[0]
            wanted = {"mean": states.mean(0), "max": states.amax(0), "cls": states[0]}[pooling]
            assert torch.allclose(vector, wanted, atol=1e-6)
    assert body.features == 8


def test_a_net_that_transformers_does_not_know_is_refused() -> None:
    with pytest.raises(PlanError, match="a net of the type 'made up'"):
        Pretrained(json.dumps({**CONFIG, "model_type": "made up"}), pooling="mean")
