"""The picture of a heat map: probabilities of one class over the picture that they are of."""

import warnings
from io import BytesIO

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from assay.core.arrays import FloatArray, IntArray, Pixels

_WIDTH, _LEAST, _MOST = 6.4, 1.6, 9.0
_HEAD, _VEIL, _OVER = 0.6, 0.35, 0.75


def drawn(
    picture: Pixels, scores: FloatArray, places: tuple[IntArray, IntArray], window: tuple[int, int], *, label: str
) -> bytes:
    """A PNG file.

    Args:
        picture: (height, width, channels).
        scores: (rows, columns) from 0 to 1; each is drawn around the middle of its window.
        places: Upper edges (rows,) and left edges (columns,) of the windows.
        window: Their height and width.
        label: The class.
    """
    height, width = picture.shape[:2]
    figure = Figure(figsize=(_WIDTH, _HEAD + np.clip(_WIDTH * height / width, _LEAST, _MOST)), layout="constrained")
    axes = figure.add_subplot()
    flat = picture if picture.shape[2] == 3 else np.repeat(picture[:, :, :1], 3, axis=2)
    axes.imshow(flat, extent=(0, width, height, 0))
    top, bottom = _edges(places[0], window[0])
    left, right = _edges(places[1], window[1])
    veil = _VEIL + (_OVER - _VEIL) * np.clip(scores, 0, 1)  # what scores little hides little
    where = (left, right, bottom, top)
    shown = axes.imshow(scores, extent=where, cmap="inferno", vmin=0, vmax=1, alpha=veil, interpolation="nearest")
    axes.set(xlim=(0, width), ylim=(height, 0), xlabel="pixels", ylabel="pixels")
    axes.set_title(
        f"Probability of {label} in windows of {window[1]} by {window[0]}", fontsize=10, parse_math=False, wrap=True
    )
    figure.colorbar(shown, ax=axes, shrink=0.8)
    return _png(figure)


def _edges(starts: IntArray, window: int) -> tuple[float, float]:
    """Where the first cell begins and the last one ends; a cell is as wide as a step, and has a window's middle."""
    step = float(starts[1] - starts[0]) if len(starts) > 1 else float(window)
    middle = window / 2
    return float(starts[0]) + middle - step / 2, float(starts[-1]) + middle + step / 2


def _png(figure: Figure) -> bytes:
    stream, canvas = BytesIO(), FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        # A class name can hold signs that the font does not have.
        warnings.simplefilter("ignore")
        canvas.print_png(stream)  # type: ignore[no-untyped-call]
    return stream.getvalue()
