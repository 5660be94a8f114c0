"""VGG (Simonyan & Zisserman 2015, "Very Deep Convolutional Networks for Large-Scale Image Recognition")."""

from collections.abc import Iterator, Mapping, Sequence

from torch import nn

from assay.nn.normalise import make_norm
from assay.nn.pictures._dense import dense_stages
from assay.nn.pictures._staged import Side, Staged, at_least, one_of

DEPTHS: Mapping[int, tuple[int, ...]] = {
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}
_MAPS = 7


class Vgg(Staged):
    """Five stages of 3 by 3 convolutions, each with a pooling at its end.

    With ``norm="none", dense=4096`` and pictures of 224 by 224 it is the paper's net (A, B, D and E of its table 1).
    With ``dense=0``, the usual form for small pictures, maps are averaged into features, which leaves out nine tenths
    of the weights. A pooling that would leave less than 2 by 2 is left out.

    Args:
        shape: Of a picture: height, width, channels.
        layers: 11, 13, 16 or 19, the three dense ones counted as in the paper.
        width: Filters of the first stage; doubled from stage to stage up to eight times as many.
        norm: As `make_norm`; the paper has none.
        dense: Units of each of the two dense layers, 0 for no such layers.
        drop_prob: Of the first dense layer's units; those of the second are the head's to drop.

    Raises:
        PlanError: A setting is out of range.
    """

    heads = ("classifier.6", "head.fc", "head", "fc", "classifier")

    def __init__(
        self,
        shape: Sequence[int],
        *,
        layers: int = 16,
        width: int = 64,
        norm: str = "batch",
        dense: int = 0,
        drop_prob: float = 0.5,
    ) -> None:
        one_of("layers", layers, DEPTHS)
        at_least("width", width, 1)
        at_least("dense", dense, 0)
        side, channels, stages = Side(min(shape[:2])), shape[2], list[nn.Module]()
        for number, count in enumerate(DEPTHS[layers]):
            wide = width * min(8, 2**number)
            stages.append(nn.Sequential(*_convolutions(channels, wide, count, norm), *_pool(side)))
            channels = wide
        if dense:
            stages += dense_stages(channels, min(_MAPS, side.side), dense, drop_prob)
        super().__init__(stages, dense or channels, pooled=not dense)
        self.begin()

    def named_here(self, name: str) -> str:
        """``features.3.weight`` of torchvision, whose layers stand in one row, to its stage."""
        row, _, rest = name.partition(".")
        number, _, kind = rest.partition(".")
        own = dict(self._in_a_row()) if row == "features" else {0: "5.2", 3: "6.1"} if row == "classifier" else {}
        if not number.isdigit() or int(number) not in own:
            return name
        return f"stages.{own[int(number)]}.{kind}"

    def _in_a_row(self) -> Iterator[tuple[int, str]]:
        """Number among all layers, and name here; each stage has a pooling there, whether it has one here or not."""
        number = 0
        for at, stage in enumerate(list(self.stages)[:5]):
            layers = [layer for layer in stage.children() if not isinstance(layer, nn.MaxPool2d)]
            for inner, _ in enumerate(layers):
                yield number + inner, f"{at}.{inner}"
            number += len(layers) + 1


def _convolutions(channels: int, wide: int, count: int, norm: str) -> Iterator[nn.Module]:
    for number in range(count):
        yield nn.Conv2d(wide if number else channels, wide, 3, padding=1, bias=norm == "none")
        if norm != "none":
            yield make_norm(norm, wide, dims=2)
        yield nn.ReLU()


def _pool(side: Side) -> list[nn.Module]:
    return [nn.MaxPool2d(2)] if side.shrinks(2) else []
