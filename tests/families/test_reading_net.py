import pytest

from assay.core.errors import PlanError
from assay.families._reading_net import ReadingFamily
from assay.families.lstm import Lstm
from assay.families.rnn import Rnn
from assay.families.transformer import Transformer


@pytest.mark.parametrize("kind", [Rnn, Lstm, Transformer])
def test_every_setting_of_a_net_is_bounded(kind: type[ReadingFamily]) -> None:
    flags = {key for key in kind.of_net if isinstance(kind.defaults[key], bool)}
    assert {*kind.of_net} - flags == {*kind.bounds, "drop_words", "drop_inputs", "drop_prob"}
    kind().check({})
    kind().check(kind.small)


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (
            Rnn,
            {"cell": "gruu"},
            r"cell = 'gruu' among the settings of rnn(?s:.*)'gru', 'elman'(?s:.*)did you mean 'gru'",
        ),
        (Rnn, {"width": 0}, r"width = 0 among the settings of rnn(?s:.*)a whole number from 1 to 4,096"),
        (Lstm, {"layers": 17}, r"layers = 17 among the settings of lstm(?s:.*)a whole number from 1 to 16"),
        (Lstm, {"pool": "first"}, r"pool = 'first'(?s:.*)'last', 'max', 'mean'(?s:.*)change pool"),
        (Transformer, {"drop_words": 1.0}, r"drop_words = 1.0(?s:.*)a number from 0 to below 1"),
        (Transformer, {"heads": True}, r"heads = True among the settings of transformer"),
    ],
)
def test_what_a_net_cannot_be_is_told_before_anything_is_fitted(
    kind: type[ReadingFamily], settings: dict[str, object], message: str
) -> None:
    with pytest.raises(PlanError, match=message):
        kind().check(settings)
