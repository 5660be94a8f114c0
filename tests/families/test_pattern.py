"""The family of nets that are written down as patterns."""

import numpy as np
import pytest

from assay.core.errors import PlanError
from assay.families.pattern import Pattern, usual_pattern
from assay.nn.pictures._pattern_sizes import sized
from assay.nn.pictures._pattern_text import parse
from assay.testing._examples import example
from tests.families.picture_cases import learning

TEXT = "INPUT -> CONV(6) -> RELU -> POOL(3) -> FC(12) -> RELU -> FC"


def test_it_learns_pictures_in_colour_by_its_pattern() -> None:
    given = learning(channels=3)
    fitted = Pattern().fit(given, {**Pattern.defaults, **Pattern.small, "pattern": TEXT})
    assert (fitted.predictor.predict(given.valid).argmax(1) == given.valid_y).mean() > 0.8
    assert fitted.predictor.facts["pattern"] == TEXT
    body = fitted.predictor.net.body.net
    assert [name for name, _ in body.named_children()] == ["conv1", "relu1", "pool1", "flat", "fc1", "relu2"]


def test_it_is_tried_only_if_a_person_asks_for_it() -> None:
    given = example(2)
    assert "a person writes down" in str(Pattern().left_out(given.data.schema, given.task, 1000))
    assert Pattern().unfit_for(given.data.schema, given.task, 1000) is None


def test_the_usual_pattern_goes_into_pictures_of_any_size() -> None:
    for height in range(1, 50):
        for width in (height, height + 1, 2 * height, 36):
            layers = parse(usual_pattern(height, width))
            *_, last, _ = sized(layers, (height, width, 1), 10)
            assert last.after == (128,)


def test_the_usual_pattern_is_that_of_the_notes_where_it_fits() -> None:
    assert usual_pattern(32, 64) == Pattern.defaults["pattern"]
    assert usual_pattern(32, 64) == "INPUT -> [[CONV -> RELU]*2 -> POOL]*3 -> [FC -> RELU]*1 -> FC"
    given = example(2)
    assert Pattern().variants(given.data.schema, given.task, 1000) == ({"pattern": usual_pattern(16, 16)},)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"pattern": "INPUT -> CUNV -> FC"}, "no such layer"),
        ({"pattern": 3}, "pattern = 3"),
        ({"flip": "sideways"}, "flip = 'sideways'"),
    ],
    ids=str,
)
def test_settings_that_it_cannot_have_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        Pattern().check(settings)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("INPUT -> [POOL]*5 -> FC", "its POOL number 5"),
        ("INPUT -> CONV(stride=2) -> FC", r"\(16 - 3 \+ 2\*1\) / 2 \+ 1 = 8.5 is not a whole number"),
        ("INPUT -> FC(3)", "ends with 3 units"),
    ],
)
def test_a_pattern_that_does_not_fit_the_pictures_is_refused_with_the_columns_known(text: str, says: str) -> None:
    given = example(4)
    with pytest.raises(PlanError, match=says):
        Pattern().recipe(given.data.schema, given.task, {**Pattern.defaults, "pattern": text})


def test_columns_of_pictures_lie_behind_each_other() -> None:
    given = learning(channels=6)
    facts = Pattern().facts({**Pattern.defaults, "pattern": TEXT}, given.train)
    assert facts["shape"] == [12, 12, 6]
    net = Pattern().net({**facts, "outputs": 3})
    inputs = Pattern().inputs(given.train.rows(np.arange(2)), facts)
    assert net(*inputs).shape == (2, 3)
