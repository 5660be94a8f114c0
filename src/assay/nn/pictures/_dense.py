"""The dense layers that follow the maps in AlexNet and VGG."""

from torch import nn

from assay.nn.dropout import Dropout


def dense_stages(channels: int, maps: int, units: int, drop_prob: float) -> list[nn.Module]:
    """Two dense layers of ``units`` on maps that are averaged down to ``maps`` by ``maps``, a stage each.

    Dropout stands between them; what follows the second is the head's.
    """
    return [
        nn.Sequential(nn.AdaptiveAvgPool2d(maps), nn.Flatten(), nn.Linear(channels * maps**2, units), nn.ReLU()),
        nn.Sequential(Dropout(drop_prob), nn.Linear(units, units), nn.ReLU()),
    ]
