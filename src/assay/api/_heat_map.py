"""`Run.heat_map`: where in a picture that is larger than those of training a net sees each class or label."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view

from assay.core.arrays import AnyArray, FloatArray, IntArray, Pixels
from assay.core.errors import DataError, PlanError, did_you_mean, listed
from assay.core.files import write_bytes
from assay.data._decode import decode, look, reshaped
from assay.data._stacks import pixels_of
from assay.data.schema import Kind
from assay.families._net_family import NetPredictor
from assay.families._picture_net import PictureFamily
from assay.features._base import Matrix
from assay.fitting.model import Member, Model
from assay.nn.headed import Headed
from assay.nn.pictures.dense_to_conv import Sliding, dense_to_conv
from assay.tasks._base import Form

CONVOLUTION, WINDOWS = "convolution", "windows"
_TONES = (1, 3)
_WINDOWS_AT_ONCE, _PIXELS_AT_ONCE = 512, 500_000
_PARTS_OF_A_WINDOW = 4


@dataclass(frozen=True)
class HeatMap:
    """What a net says of each window of a picture.

    Attributes:
        scores: (classes, rows, columns) calibrated probabilities.
        places: Upper edges (rows,) and left edges (columns,) of the windows, in pixels.
        window: Their height and width: the size of the pictures of training.
        method: ``"convolution"``: the net slid over the picture, its dense layers as convolutions; ``"windows"``: they
            were cut out and scored one by one. Both give the same scores, to 1e-5; the first is taken where it can be.
        reason: Why that method.
        classes: Classes, or labels, in the order of ``scores``.
        member: The net, by its name in the plan; the mean of those of all folds.
        picture: (height, width, channels) as it was seen.
    """

    scores: FloatArray
    places: tuple[IntArray, IntArray]
    window: tuple[int, int]
    method: str
    reason: str
    classes: tuple[str, ...]
    member: str
    picture: Pixels

    @property
    def strongest(self) -> str:
        """The class with the largest sum of probabilities."""
        return self.classes[int(self.scores.sum(axis=(1, 2)).argmax())]

    def of(self, label: str) -> FloatArray:
        """Probabilities (rows, columns) of a class.

        Raises:
            PlanError: There is no such class.
        """
        if label not in self.classes:
            raise PlanError(
                f"no class {label!r}",
                expected=f"one of: {listed(self.classes)}",
                fix=f"{did_you_mean(label, self.classes)}change the class",
            )
        return np.asarray(self.scores[self.classes.index(label)])

    def highest(self, label: str) -> tuple[float, int, int]:
        """The highest probability of a class, and the upper and left edge of the window that has it."""
        scores = self.of(label)
        row, column = np.unravel_index(scores.argmax(), scores.shape)
        return float(scores[row, column]), int(self.places[0][row]), int(self.places[1][column])

    def save(self, out: str | Path, label: str | None = None) -> Path:
        """Write the picture with the probability of a class over it, the strongest one's if none is named, as PNG.

        Raises:
            PlanError: There is no such class.
            OutputError: The place cannot be written to.
        """
        from assay.api._heat_drawing import drawn

        shown = label or self.strongest
        write_bytes(Path(out), drawn(self.picture, self.of(shown), self.places, self.window, label=shown))
        return Path(out)


def heat_map(model: Model, picture: Any, stride: int | None = None) -> HeatMap:
    """Score every window of a picture with the model's best net that sees pictures.

    Args:
        model: Of a run.
        picture: Path of a file, or array (height, width) or (height, width, channels).
        stride: Pixels from window to window; by default those that the net makes of itself.

    Raises:
        PlanError: There is no such net, it reads other columns or predicts numbers; or a stride below 1.
        DataError: The picture cannot be read, or is smaller than a window.
    """
    if stride is not None and stride < 1:
        raise PlanError(f"stride = {stride}", expected="1 pixel or more", fix="raise it, or leave it out")
    if model.task.form is Form.NUMBERS:
        raise PlanError(
            "a run that predicts numbers",
            expected="a run whose probabilities of classes or labels can be shown",
            fix="fit with a class or labels as the target",
        )
    member, nets = _best_net(model)
    shape = tuple(nets[0].facts["shape"])
    pixels = _read(picture, shape)
    sliding, why_not = _sliding(nets[0], shape)
    own = sliding.stride if sliding else tuple(max(1, side // _PARTS_OF_A_WINDOW) for side in shape[:2])
    step = (own[0], own[1]) if stride is None else (stride, stride)
    if sliding and not why_not and any(wanted % given for wanted, given in zip(step, sliding.stride, strict=True)):
        why_not = f"a stride of {stride} is no multiple of the net's {sliding.stride[0]} by {sliding.stride[1]}"
    places = _places(pixels, shape, step)
    outputs = _by_windows(nets, pixels, places) if why_not else _by_convolution(nets, pixels, shape, step)
    calibrated = model.task.calibrated(outputs, model.calibration)
    return HeatMap(
        scores=calibrated.T.reshape(-1, *map(len, places)),
        places=places,
        window=(shape[0], shape[1]),
        method=WINDOWS if why_not else CONVOLUTION,
        reason=why_not or "no layer before the dense ones adds a border, so that sliding changes no score",
        classes=model.task.labels,
        member=member.name,
        picture=pixels,
    )


def _best_net(model: Model) -> tuple[Member, list[NetPredictor]]:
    """The member with the largest weight among the nets that see pictures, and its nets, one for each fold."""
    found = [(member, nets) for member in model.members if (nets := _nets(member))]
    if not found:
        raise PlanError(
            f"a run without a net that sees pictures: its model is made of {listed(m.name for m in model.members)}",
            expected="a net that learned from a column of pictures",
            fix="fit pictures with --families cnn, lenet or pattern",
        )
    member, nets = max(found, key=lambda entry: entry[0].weight)
    pictures, others = model.schema.features(Kind.PICTURE), nets[0].facts["columns"]
    if len(pictures) > 1 or others:
        raise PlanError(
            f"the net {member.name!r}, which reads {listed(model.schema.features(), 6)}",
            expected="a net that reads one column of pictures and nothing else",
            fix="fit again with the other columns left out by --drop",
        )
    return member, nets


def _nets(member: Member) -> list[NetPredictor]:
    predictors = [predictor for _, predictor in member.parts]
    nets = [one for one in predictors if isinstance(one, NetPredictor) and isinstance(one.family, PictureFamily)]
    return nets if len(nets) == len(predictors) else []


def _read(picture: Any, shape: tuple[int, ...]) -> Pixels:
    """A picture in its own size, grey or colour as those of training were."""
    pixels = _decoded(Path(picture), shape[2]) if isinstance(picture, str | Path) else _given(picture, shape[2])
    height, width = pixels.shape[:2]
    if height < shape[0] or width < shape[1]:
        raise DataError(
            f"a picture of {width} by {height} pixels (width by height)",
            expected=f"{shape[1]} by {shape[0]} or more: windows are as large as the pictures of training",
            fix="give a larger picture",
        )
    return pixels


def _decoded(path: Path, channels: int) -> Pixels:
    try:
        cell = path.expanduser().read_bytes()
    except OSError as error:
        raise DataError(
            f"no picture at {path} ({error.strerror})", expected="the path of a picture file", fix="check the path"
        ) from error
    seen = look(cell)
    pixels = seen if isinstance(seen, str) else decode(cell, (seen.size[1], seen.size[0], min(channels, 3)))
    if isinstance(pixels, str):
        raise DataError(
            f"a file that is not read as a picture: {path} ({pixels})",
            expected="a whole picture, as PNG, JPEG, GIF, BMP, WebP or TIFF",
            fix="give another file",
        )
    return _toned(pixels, channels)


def _given(picture: Any, channels: int) -> Pixels:
    array: AnyArray = np.asarray(picture)
    array = array[:, :, None] if array.ndim == 2 else array
    if array.ndim != 3 or not array.size or array.dtype.kind not in "uifb":
        raise DataError(
            f"an array of the shape {array.shape} and the type {array.dtype} as a picture",
            expected="numbers (height, width) or (height, width, channels)",
            fix="give one picture, or its path",
        )
    return _toned(pixels_of(array[None], "the picture")[0], channels)


def _toned(pixels: Pixels, channels: int) -> Pixels:
    if pixels.shape[2] != channels and not {pixels.shape[2], channels} <= set(_TONES):
        raise DataError(
            f"a picture of {pixels.shape[2]} channels",
            expected=f"{channels} channels, as in training",
            fix="give a picture of the same kind",
        )
    return reshaped(pixels, (*pixels.shape[:2], channels))


def _sliding(net: NetPredictor, shape: tuple[int, ...]) -> tuple[Sliding | None, str]:
    """The net as it slides, and why its scores would not be those of windows one by one; an empty text if they are."""
    if not isinstance(net.net, Headed):
        return None, "the net has no head of the usual kind"
    try:
        sliding = dense_to_conv(net.net, shape)
    except PlanError as error:
        return None, f"the net cannot slide: {error.found}"
    if any(net.facts["views"]):
        return sliding, "the net's scores are means over several views of a picture"
    if sliding.padded:
        return sliding, f"layers of the net add a border of zeros around what they see ({listed(sliding.padded, 3)})"
    return sliding, ""


def _places(pixels: Pixels, shape: tuple[int, ...], step: tuple[int, int]) -> tuple[IntArray, IntArray]:
    height, width = (np.arange(0, pixels.shape[axis] - shape[axis] + 1, step[axis]) for axis in (0, 1))
    return height, width


def _by_windows(nets: list[NetPredictor], pixels: Pixels, places: tuple[IntArray, IntArray]) -> FloatArray:
    """Outputs (rows * columns, classes), a mean over the nets, each window cut out."""
    height, width, channels = nets[0].facts["shape"]
    windows = sliding_window_view(pixels, (height, width, channels))[:, :, 0]
    tops, lefts = (grid.ravel() for grid in np.meshgrid(*places, indexing="ij"))
    outputs = []
    for start in range(0, len(tops), _WINDOWS_AT_ONCE):
        part = slice(start, start + _WINDOWS_AT_ONCE)
        matrix = _matrix(windows[tops[part], lefts[part]])
        outputs.append(np.mean([net.predict(matrix) for net in nets], axis=0))
    return np.concatenate(outputs)


def _matrix(pictures: Pixels) -> Matrix:
    n = len(pictures)
    return Matrix(np.zeros((n, 0), np.float32), np.zeros((n, 0), np.int32), None, pictures=pictures)


def _by_convolution(
    nets: list[NetPredictor], pixels: Pixels, shape: tuple[int, ...], step: tuple[int, int]
) -> FloatArray:
    """Outputs (rows * columns, classes), a mean over the nets, each slid over the picture strip by strip."""
    outputs = []
    for net in nets:
        sliding = dense_to_conv(net.net, shape)  # type: ignore[arg-type]
        down, across = (wanted // given for wanted, given in zip(step, sliding.stride, strict=True))
        scores = torch.cat([sliding(strip) for strip in _strips(pixels, sliding)], 2)[0, :, ::down, ::across]
        outputs.append(net.link.outputs(scores.double().flatten(1).T.numpy()))
    mean: FloatArray = np.mean(outputs, axis=0)
    return mean


def _strips(pixels: Pixels, sliding: Sliding) -> Iterator[torch.Tensor]:
    """The picture in strips with whole rows of windows, so that the maps of a large one need not fit into memory."""
    (window, _), (step, _) = sliding.window, sliding.stride
    rows = (len(pixels) - window) // step + 1
    at_once = max(1, (_PIXELS_AT_ONCE // pixels.shape[1] - window) // step + 1)
    for first in range(0, rows, at_once):
        last = min(rows, first + at_once) - 1
        strip = pixels[first * step : last * step + window].copy()  # torch wants to be able to write
        yield torch.from_numpy(strip).permute(2, 0, 1)[None]
