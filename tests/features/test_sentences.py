from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assay.core.errors import RunError
from assay.data.dataset import Dataset
from assay.data.schema import Column, Kind, Role, Schema
from assay.features import _sentence_net as net
from assay.features import _text_encoder as texts
from assay.features.sentences import Sentences

DATA = Dataset(pl.DataFrame({"t": ["a", "b", "a"]}), Schema((Column("t", Kind.TEXT, Role.FEATURE, "made up"),)))
STATE = {"encoder": "some", "sha256": "0" * 64, "width": 2, "columns": ["t"]}


def test_a_model_refuses_another_encoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other")
    monkeypatch.setattr(texts, "folder_of", lambda name: tmp_path)
    with pytest.raises(RunError, match="an encoder 'some' with other weights"):
        Sentences.from_state(STATE).transform(DATA, np.arange(3))


def test_a_model_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "find_spec", lambda name: None)
    with pytest.raises(RunError, match=r"reads texts with 'some'(.|\n)*assay\[pretrained\]"):
        Sentences.from_state(STATE).transform(DATA, np.arange(3))


def test_a_column_is_embedded_once_for_all_folds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = []
    monkeypatch.setattr(texts, "folder_of", lambda name: tmp_path)
    monkeypatch.setattr(texts, "digest", lambda folder: "0" * 64)
    monkeypatch.setattr(net, "embed", lambda folder, given: asked.append(given) or np.eye(3, 2, dtype=np.float32))
    encoder = Sentences.from_state(STATE)
    blocks = [encoder.transform(DATA, np.array(rows)) for rows in ([2, 0], [1])]
    assert [block.tolist() for block in blocks] == [[[0, 0], [1, 0]], [[0, 1]]]
    assert asked == [["a", "b", "a"]]
    assert encoder.feature_names == ("t vector 0", "t vector 1")
