import pytest

from assay.core.errors import PlanError
from assay.data.schema import Column, Kind, Role, Schema
from assay.families.pretrained import Pretrained
from assay.features import _text_encoder as texts
from assay.testing._examples import example

TASK = example(2).task
SCHEMA = Schema((Column("t", Kind.TEXT, Role.FEATURE, "made up"),))


def test_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "find_spec", lambda name: None)
    assert Pretrained().left_out(SCHEMA, TASK, 500) == "it needs packages: pip install 'assay[pretrained]'"
    with pytest.raises(PlanError, match=r"'pretrained' cannot be used(.|\n)*assay\[pretrained\]"):
        Pretrained().check({})


def test_it_is_tried_of_itself_where_texts_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "find_spec", lambda name: object())
    assert Pretrained().left_out(SCHEMA, TASK, 500) is None
    assert Pretrained().left_out(SCHEMA, TASK, 50_000) == "vectors of more than 2,000 texts take long to make"
    assert Pretrained().unfit_for(Schema(()), TASK, 500) == "there is no text column"
