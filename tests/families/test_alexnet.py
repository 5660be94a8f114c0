import pytest

from assay.core.errors import PlanError
from assay.families.alexnet import Alexnet
from tests.families.picture_cases import learning


def test_it_learns_pictures_in_colour() -> None:
    given = learning(channels=3)
    fitted = Alexnet().fit(given, {**Alexnet.defaults, **Alexnet.small})
    assert (fitted.predictor.predict(given.valid).argmax(1) == given.valid_y).mean() > 0.8


def test_its_settings_make_the_net() -> None:
    given = learning()
    settings = {**Alexnet.defaults, **Alexnet.small, "epochs": 1, "norm": "local", "groups": 2, "width": 6}
    Alexnet().check(settings)
    fitted = Alexnet().fit(given, settings)
    assert all(fitted.predictor.facts[key] == settings[key] for key in Alexnet.of_net)
    assert fitted.predictor.predict(given.valid).shape == (24, 3)


@pytest.mark.parametrize(
    ("settings", "says"),
    [({"width": 0}, "width = 0"), ({"norm": "lokal"}, "no normalisation named 'lokal'"), ({"groups": 5}, "groups = 5")],
    ids=str,
)
def test_settings_that_it_cannot_have_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        Alexnet().check(settings)
