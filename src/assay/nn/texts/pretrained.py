"""A net of the package transformers as a reader of texts: what it makes of a row's subwords, pooled to one vector."""

import json

import torch
from torch import Tensor

from assay.core.errors import PlanError
from assay.nn.texts.words import Reader, pooled


class Pretrained(Reader):
    """Numbers of subwords (n, t), one more than the tokenizer's own so that 0 is none, to (n, features).

    Args:
        config: The net's config.json as a text. The weights are drawn anew.
        pooling: ``"mean"``, ``"max"`` or ``"cls"``, the first subword's vector.

    Raises:
        PlanError: transformers knows no net of such a config.
    """

    AT_ONCE = 64

    def __init__(self, config: str, *, pooling: str) -> None:
        super().__init__()
        from transformers import CONFIG_MAPPING, AutoModel

        facts = json.loads(config)
        kind = facts.pop("model_type", None)
        if kind not in CONFIG_MAPPING or pooling not in ("mean", "max", "cls"):
            raise PlanError(
                f"a net of the type {kind!r} with the pooling {pooling!r}",
                expected="a type that transformers knows, and mean, max or cls",
                fix="set encoder to another folder",
            )
        made = CONFIG_MAPPING[kind].from_dict(facts)
        self.net = AutoModel.from_config(made, trust_remote_code=False).float()
        self.pooling, self.features = pooling, int(made.hidden_size)

    def read(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """What the net makes of each row, whatever stands behind its end."""
        there = torch.arange(ids.shape[1], device=ids.device) < lengths[:, None]
        states = self.net(input_ids=(ids - 1).clamp(min=0), attention_mask=there.long()).last_hidden_state
        first: Tensor = states[:, 0]
        return first if self.pooling == "cls" else pooled(states, lengths, self.pooling)
