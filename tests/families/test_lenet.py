import pytest

from assay.core.errors import PlanError
from assay.families.lenet import Lenet
from tests.families.picture_cases import learning


def test_it_learns_pictures_in_colour() -> None:
    given = learning(channels=3)
    fitted = Lenet().fit(given, {**Lenet.defaults, **Lenet.small})
    assert (fitted.predictor.predict(given.valid).argmax(1) == given.valid_y).mean() > 0.8


def test_its_settings_make_the_net() -> None:
    given = learning()
    settings = {**Lenet.defaults, **Lenet.small, "epochs": 1, "drop_prob": 0.2}
    Lenet().check(settings)
    fitted = Lenet().fit(given, settings)
    assert all(fitted.predictor.facts[key] == settings[key] for key in Lenet.of_net)
    assert fitted.predictor.predict(given.valid).shape == (24, 3)


@pytest.mark.parametrize(
    ("settings", "says"), [({"drop_prob": -0.1}, "drop_prob = -0.1"), ({"epochs": 0}, "epochs = 0")], ids=str
)
def test_settings_that_it_cannot_have_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        Lenet().check(settings)
