import pytest

from assay.core.errors import PlanError
from assay.families.inception import Inception
from tests.families.picture_cases import learning


def test_it_learns_pictures_in_colour() -> None:
    given = learning(channels=3)
    fitted = Inception().fit(given, {**Inception.defaults, **Inception.small, "norm": "batch", "rate": 0.02})
    assert (fitted.predictor.predict(given.valid).argmax(1) == given.valid_y).mean() > 0.8


def test_its_settings_make_the_net() -> None:
    given = learning()
    settings = {**Inception.defaults, **Inception.small, "epochs": 1, "layers": 16, "norm": "group"}
    Inception().check(settings)
    fitted = Inception().fit(given, settings)
    assert all(fitted.predictor.facts[key] == settings[key] for key in Inception.of_net)
    assert fitted.predictor.predict(given.valid).shape == (24, 3)


@pytest.mark.parametrize(
    ("settings", "says"),
    [({"layers": 21}, "set layers to 22"), ({"width": 0}, "width = 0"), ({"norm": "bach"}, "did you mean 'batch'")],
    ids=str,
)
def test_settings_that_it_cannot_have_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        Inception().check(settings)
