import numpy as np
import pytest
import torch

from assay.core.errors import PlanError
from assay.nn.pictures.alexnet import AlexNet


def test_it_has_the_weights_of_the_paper() -> None:
    """60 million by the paper; layer by layer from its figure 2."""
    with torch.device("meta"):
        net = AlexNet((224, 224, 3), norm="local", groups=2)
    sizes = [96 * (3 * 121 + 1), 256 * (48 * 25 + 1), 384 * (256 * 9 + 1), 384 * (192 * 9 + 1), 256 * (192 * 9 + 1)]
    sizes += [4096 * (256 * 36 + 1), 4096 * 4097]
    found = [sum(weight.numel() for weight in stage.parameters()) for stage in net.stages]
    assert found == sizes
    assert sum(sizes) + 1000 * 4097 == 60_965_224


def test_local_response_normalisation_is_that_of_the_paper() -> None:
    """b_i = a_i / (2 + 1e-4 * (sum of a_j^2 over the five nearest maps))^0.75."""
    net = AlexNet((16, 16, 1), width=6, dense=4, norm="local")
    layer = net.stages[0][2]
    a = np.random.default_rng(0).uniform(0, 30, (6, 1, 1))
    powers = [sum(a[j] ** 2 for j in range(max(0, i - 2), min(6, i + 3))) for i in range(6)]
    b = a / (2 + 1e-4 * np.stack(powers)) ** 0.75
    assert layer(torch.from_numpy(a)[None])[0].numpy() == pytest.approx(b, rel=1e-6)


def test_maps_are_as_large_as_in_the_paper() -> None:
    net = AlexNet((224, 224, 3), width=3, dense=4).eval()
    x, sides = torch.zeros(1, 3, 224, 224), []
    for stage in list(net.stages)[:5]:
        x = stage(x)
        sides.append(x.shape[2])
    assert sides == [27, 13, 13, 13, 6]


@pytest.mark.parametrize("shape", [(8, 8, 1), (16, 16, 3), (32, 48, 3), (64, 64, 1)])
@pytest.mark.parametrize("norm", ["batch", "local", "none"])
def test_pictures_of_any_size_are_seen(shape: tuple[int, ...], norm: str) -> None:
    net = AlexNet(shape, width=3, dense=5, norm=norm)
    assert net(torch.rand(2, shape[2], *shape[:2])).shape == (2, 5)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"width": 0}, "width = 0"),
        ({"dense": 0}, "dense = 0"),
        ({"groups": 0}, "groups = 0"),
        ({"groups": 5}, "groups = 5 with layers of 96 and 256 filters"),
        ({"norm": "lokal"}, "no normalisation named 'lokal'"),
    ],
    ids=str,
)
def test_settings_out_of_range_are_refused(settings: dict[str, object], says: str) -> None:
    with torch.device("meta"), pytest.raises(PlanError, match=says):
        AlexNet((16, 16, 1), **settings)
