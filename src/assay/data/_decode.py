"""From the bytes of a picture file to pixels, one picture at a time in many threads.

Pillow lets other threads run while it decodes and scales.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from assay.core.arrays import Pixels
from assay.core.threads import usable_cores

if TYPE_CHECKING:
    from PIL.Image import Image

T = TypeVar("T")
R = TypeVar("R")

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
SMALL = 64
_GREY = ("1", "L", "LA", "La", "I", "F")
_DEEP = ("I", "F")
_ORIENTATION = 0x0112
_AT_ONCE = 128
_UPRIGHT = {  # Exif 2.32, table 4
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture that was looked at.

    Attributes:
        size: Width and height, upright.
        grey: Whether it has no colours.
        pixels: (height, width, 1 or 3) uint8 of a picture of at most 64 by 64; larger ones are decoded when their
            size is known.
    """

    size: tuple[int, int]
    grey: bool
    pixels: Pixels | None


def look(cell: bytes) -> Seen | str:
    """What a picture is, or in words why it cannot be read."""

    def seen() -> Seen:
        image = _opened(cell)
        size = image.size[::-1] if _lies(image) else image.size
        grey = _is_grey(image)
        return Seen(size, grey, _array(_plain(image, grey)) if max(size) <= SMALL else None)

    return _tried(cell, seen)


def decode(cell: bytes, shape: tuple[int, ...]) -> Pixels | str:
    """A picture as (height, width, 1 or 3) uint8 of that shape, or in words why it cannot be read."""

    def decoded() -> Pixels:
        image = _opened(cell)
        if max(image.size) > SMALL:
            image.draft(None, (2 * max(shape[:2]),) * 2)  # a JPEG is decoded at a half, a quarter or an eighth
        return _shaped(_plain(image, _is_grey(image)), shape)

    return _tried(cell, decoded)


def reshaped(pixels: Pixels, shape: tuple[int, ...]) -> Pixels:
    """Pixels (height, width, channels) brought to a shape; grey and colour are turned into each other.

    Raises:
        ValueError: Other channels than grey or colour are to become others.
    """
    from PIL import Image

    if pixels.shape == shape:
        return pixels
    if pixels.shape[2] in (1, 3) and shape[2] in (1, 3):
        return _shaped(Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels), shape)
    if pixels.shape[2] != shape[2]:
        raise ValueError(f"{pixels.shape[2]} channels cannot become {shape[2]}")
    parts = [_shaped(Image.fromarray(pixels[:, :, channel]), (*shape[:2], 1)) for channel in range(shape[2])]
    return np.concatenate(parts, axis=2)


def each(work: Callable[[T], R], cells: Sequence[T]) -> list[R]:
    """What ``work`` gives for each cell, in their order, done in as many threads as there are cores."""
    parts = [cells[first : first + _AT_ONCE] for first in range(0, len(cells), _AT_ONCE)]
    with _quiet():
        if len(parts) < 2:
            return [work(cell) for cell in cells]
        with ThreadPoolExecutor(usable_cores()) as pool:
            return list(chain.from_iterable(pool.map(lambda part: [work(cell) for cell in part], parts)))


def png(pixels: Pixels, longest: int) -> bytes:
    """A PNG file of a picture (height, width, channels); of its first channel where it is neither grey nor colour.

    Args:
        pixels: The picture.
        longest: Most pixels on a side; a larger picture is scaled down.
    """
    from PIL import Image

    image = Image.fromarray(pixels if pixels.shape[2] == 3 else np.ascontiguousarray(pixels[:, :, 0]))
    image.thumbnail((longest, longest))
    stream = BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Pillow's warnings of odd files, which are read all the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _tried(cell: bytes, work: Callable[[], R]) -> R | str:
    from PIL.Image import DecompressionBombError

    if not cell:
        return "it is empty"
    try:
        return work()
    except DecompressionBombError:
        return "it has more pixels than any photograph, as a decompression bomb has"
    except Exception as error:  # each format's decoder has errors of its own, of many types
        if type(error).__name__ == "UnidentifiedImageError":
            return "it is damaged" if begins_as_picture(cell) else "it is no picture"
        return f"it is cut off or damaged: {str(error).splitlines()[0][:80] if str(error) else type(error).__name__}"


def begins_as_picture(cell: bytes) -> bool:
    """Whether the first bytes are those of a picture file."""
    if cell[:4] == b"RIFF":
        return cell[8:12] == b"WEBP"
    starts = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
    # Two letters alone would take many a text for a bitmap; its header says zero twice and how long it is.
    return cell.startswith(starts) or (cell[:2] == b"BM" and cell[6:10] == bytes(4) and cell[14:18] in _BMP_HEADERS)


_BMP_HEADERS = tuple(size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124))


def _opened(cell: bytes) -> "Image":
    from PIL import Image

    image = Image.open(BytesIO(cell), formats=FORMATS)
    if image.width * image.height > (Image.MAX_IMAGE_PIXELS or float("inf")):  # Pillow only warns up to twice as many
        raise Image.DecompressionBombError
    return image


def _lies(image: "Image") -> bool:
    """Whether it lies on its side by its EXIF. Pillow turns TIFF itself; in PNG it looks behind the whole picture."""
    if image.format == "TIFF" or (image.format == "PNG" and "exif" not in image.info):
        return False
    return _orientation(image) in range(5, 9)


def _orientation(image: "Image") -> int:
    """How a picture is turned; a damaged EXIF block, which is frequent, spoils no picture."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # Pillow's readers of EXIF have errors of many types
        return 1


def _is_grey(image: "Image") -> bool:
    if image.mode != "P":
        return image.mode in _GREY or image.mode.startswith("I;16")
    palette = image.palette
    if palette is None or palette.mode != "RGB" or palette.rawmode not in (None, "RGB"):
        return False
    colours = np.frombuffer(bytes(palette.palette), np.uint8)
    triples = colours[: len(colours) // 3 * 3].reshape(-1, 3)
    return bool((triples == triples[:, :1]).all())


def _plain(image: "Image", grey: bool) -> "Image":
    """Upright, 8-bit grey or colour, what is transparent over white."""
    from PIL import Image

    image.load()
    upright = _UPRIGHT.get(_orientation(image))
    if upright is not None:
        image = image.transpose(Image.Transpose[upright])
    if image.mode in _DEEP or image.mode.startswith("I;16"):
        return _eight_bits(image)
    if image.has_transparency_data:
        over = image.convert("RGBA")
        image = Image.new("RGBA", over.size, "white")
        image.alpha_composite(over)
    return image.convert("L" if grey else "RGB")


def _eight_bits(image: "Image") -> "Image":
    """Grey of 16 or more bits by the most that its depth can hold, as far as that can be told."""
    from PIL import Image

    values = np.nan_to_num(np.asarray(image).astype(np.float64))
    reach = float(values.max(initial=0.0))
    deep = image.mode.startswith("I;16") or reach > 255
    most = 65_535.0 if deep else 1.0 if image.mode == "F" and reach <= 1 else 255.0
    return Image.fromarray(np.clip(np.rint(values * (255 / most)), 0, 255).astype(np.uint8))


def _shaped(image: "Image", shape: tuple[int, ...]) -> Pixels:
    """Scaled so that it covers the shape, its centre cut out (Krizhevsky et al. 2012), grey or colour as the shape."""
    from PIL.Image import Resampling

    height, width, channels = shape
    image = image.convert("L" if channels == 1 else "RGB")
    if image.size != (width, height):
        scale = min(image.width / width, image.height / height)
        left, top = max(0.0, image.width - scale * width) / 2, max(0.0, image.height - scale * height) / 2
        box = (left, top, image.width - left, image.height - top)
        image = image.resize((width, height), Resampling.BILINEAR, box=box, reducing_gap=3.0)
    return _array(image)


def _array(image: "Image") -> Pixels:
    pixels = np.asarray(image)
    return pixels[:, :, None] if pixels.ndim == 2 else pixels
