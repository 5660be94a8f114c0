import pytest

from assay.core.errors import PlanError
from assay.families.resnet import Resnet
from tests.families.picture_cases import learning


def test_it_learns_pictures_in_colour() -> None:
    given = learning(channels=3)
    fitted = Resnet().fit(given, {**Resnet.defaults, **Resnet.small, "norm": "batch", "rate": 0.02})
    assert (fitted.predictor.predict(given.valid).argmax(1) == given.valid_y).mean() > 0.8


def test_its_settings_make_the_net() -> None:
    given = learning()
    settings = {**Resnet.defaults, **Resnet.small, "epochs": 1, "layers": 18, "skip": False, "norm": "layer"}
    Resnet().check(settings)
    fitted = Resnet().fit(given, settings)
    assert all(fitted.predictor.facts[key] == settings[key] for key in Resnet.of_net)
    assert fitted.predictor.predict(given.valid).shape == (24, 3)


@pytest.mark.parametrize(
    ("settings", "says"),
    [({"layers": 19}, "set layers to"), ({"stem": "big"}, "stem = 'big'"), ({"skip": 1}, "a value like True")],
    ids=str,
)
def test_settings_that_it_cannot_have_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        Resnet().check(settings)
