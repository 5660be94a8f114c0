import numpy as np
import pytest

from assay.core.errors import PlanError
from assay.data.schema import Column, Kind, Role, Schema
from assay.families.finetuned import Finetuned
from assay.features import _text_encoder as texts
from assay.testing._examples import example
from assay.testing.families import learning

TASK = example(2).task
SCHEMA = Schema((Column("t", Kind.TEXT, Role.FEATURE, "made up"),))
installed = pytest.mark.skipif(
    texts.missing() is not None or not texts.first_installed(), reason="needs pip install -e '.[pretrained]'"
)


def test_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "find_spec", lambda name: None)
    assert Finetuned().left_out(SCHEMA, TASK, 500) == "it needs packages: pip install 'assay[pretrained]'"
    with pytest.raises(PlanError, match=r"'finetuned' cannot be used(.|\n)*assay\[pretrained\]"):
        Finetuned().check({})


def test_it_is_not_tried_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "find_spec", lambda name: object())
    assert "takes minutes" in str(Finetuned().left_out(SCHEMA, TASK, 500))
    assert Finetuned().unfit_for(Schema(()), TASK, 500) == "there is no text column"
    assert Finetuned().unfit_for(SCHEMA, TASK, 49) == "a net needs 50 rows or more"


@installed
def test_a_wrong_setting_is_told() -> None:
    with pytest.raises(PlanError, match="longest = 1000 among the settings of finetuned"):
        Finetuned().check({"longest": 1_000})


@installed
def test_it_predicts_without_the_encoder_that_it_began_as(monkeypatch: pytest.MonkeyPatch) -> None:
    given = learning(Finetuned, example(2, rows=60, columns=("text",)))
    settings = {**Finetuned.defaults, **Finetuned.small, "epochs": 1, "rate": 1e-9}
    fitted = Finetuned().fit(given, settings)
    monkeypatch.setattr(texts, "PACKAGES", ())
    again = fitted.predictor.from_state(fitted.predictor.state())
    outputs = again.predict(given.valid)
    assert np.array_equal(outputs, fitted.predictor.predict(given.valid))
    assert str(fitted.notes["sha256"]).isalnum()
