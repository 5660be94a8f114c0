import pytest

from assay.core.errors import PlanError
from assay.families.vgg import Vgg
from tests.families.picture_cases import learning


def test_it_learns_pictures_in_colour() -> None:
    given = learning(channels=3)
    fitted = Vgg().fit(given, {**Vgg.defaults, **Vgg.small})
    assert (fitted.predictor.predict(given.valid).argmax(1) == given.valid_y).mean() > 0.8


def test_its_settings_make_the_net() -> None:
    given = learning()
    settings = {**Vgg.defaults, **Vgg.small, "epochs": 1, "norm": "none", "dense": 8, "layers": 13}
    Vgg().check(settings)
    fitted = Vgg().fit(given, settings)
    assert all(fitted.predictor.facts[key] == settings[key] for key in Vgg.of_net)
    assert fitted.predictor.predict(given.valid).shape == (24, 3)


@pytest.mark.parametrize(
    ("settings", "says"),
    [({"layers": 17}, "set layers to 16"), ({"dense": -1}, "dense = -1"), ({"norm": "bach"}, "did you mean 'batch'")],
    ids=str,
)
def test_settings_that_it_cannot_have_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        Vgg().check(settings)
