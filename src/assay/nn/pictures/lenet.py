"""LeNet-5 (LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition")."""

from torch import Tensor, nn
from torch.nn import functional

from assay.nn.pictures._staged import Staged

_DENSE, _FEATURES = 120, 84


class LeNet(Staged):
    """Two convolutions with pooling and two dense layers, to features (n, 84); as it is trained today.

    The original's trained averages, sparse table of connections and radial outputs are max pooling, full connections
    and a linear head here, and its tanh is ReLU. Pictures smaller than 32 by 32 get a border of zeros up to that, as
    its authors gave the digits of 28 by 28; of larger ones the second pooling makes maps of 5 by 5.

    Args:
        channels: Of a picture: 1 or 3.
    """

    def __init__(self, channels: int) -> None:
        maps = [
            nn.Sequential(nn.Conv2d(channels, 6, 5), nn.ReLU(), nn.MaxPool2d(2)),
            nn.Sequential(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.AdaptiveMaxPool2d(5)),
        ]
        dense = [
            nn.Sequential(nn.Flatten(), nn.Linear(16 * 5 * 5, _DENSE), nn.ReLU()),
            nn.Sequential(nn.Linear(_DENSE, _FEATURES), nn.ReLU()),
        ]
        super().__init__([*maps, *dense], _FEATURES, pooled=False)

    def forward(self, x: Tensor) -> Tensor:
        """Features (n, 84) of pictures (n, channels, height, width)."""
        low, wide = max(0, 32 - x.shape[2]), max(0, 32 - x.shape[3])
        return super().forward(functional.pad(x, (wide // 2, wide - wide // 2, low // 2, low - low // 2)))
