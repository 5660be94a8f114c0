"""Picture files of every kind to pixels, and those that are none to a reason."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from assay.data._decode import FORMATS, Seen, begins_as_picture, decode, each, look, png, reshaped

DRAW = np.random.default_rng(0)
COLOUR = DRAW.integers(0, 256, (6, 8, 3)).astype(np.uint8)
GREY = DRAW.integers(0, 256, (6, 8)).astype(np.uint8)


def encoded(pixels: np.ndarray | Image.Image, form: str = "PNG", **how: Any) -> bytes:
    stream = BytesIO()
    (pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)).save(stream, form, **how)
    return stream.getvalue()


def seen(cell: bytes) -> Seen:
    found = look(cell)
    assert isinstance(found, Seen), found
    return found


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_is_recognised_and_read(form: str) -> None:
    cell = encoded(COLOUR, form, **({"lossless": True} if form == "WEBP" else {}))
    assert begins_as_picture(cell)
    found = seen(cell)
    assert (found.size, found.pixels.shape) == ((8, 6), (6, 8, 3))  # type: ignore[union-attr]
    if form not in ("JPEG", "GIF"):  # these keep less than they were given
        np.testing.assert_array_equal(found.pixels, COLOUR)
        np.testing.assert_array_equal(decode(cell, (6, 8, 3)), COLOUR)


@pytest.mark.parametrize("cell", [b"", b"BM is a text too", b"plain words", b"RIFF0000WAVE", b"%PDF-1.4"])
def test_other_bytes_are_no_pictures(cell: bytes) -> None:
    assert not begins_as_picture(cell)
    assert look(cell) in ("it is empty", "it is no picture")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "I;16", "I", "F"])
def test_grey_is_grey_in_every_mode(mode: str) -> None:
    grey = Image.fromarray((GREY > 99).astype(np.uint8) * 255)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    else:
        image = grey.convert(mode)
    found = seen(encoded(image, "TIFF" if mode in ("I", "F") else "PNG"))
    assert found.grey
    np.testing.assert_array_equal(found.pixels[:, :, 0], np.asarray(grey))  # type: ignore[index]


def test_sixteen_bits_become_eight() -> None:
    deep = np.array([[0, 257, 32_896, 65_535]], np.uint16)
    assert seen(encoded(Image.fromarray(deep))).pixels[0, :, 0].tolist() == [0, 1, 128, 255]  # type: ignore[index]
    share = np.array([[0.0, 0.5, 1.0]], np.float32)
    assert seen(encoded(Image.fromarray(share), "TIFF")).pixels[0, :, 0].tolist() == [0, 128, 255]  # type: ignore[index]


@pytest.mark.parametrize("colours", [3, 200])
def test_a_palette_is_grey_or_colour(colours: int) -> None:
    image = Image.fromarray(GREY % 8)
    image.putpalette([value for number in range(256) for value in (number, number, number if colours == 3 else 0)])
    assert image.mode == "P"
    assert seen(encoded(image)).grey == (colours == 3)


def test_what_is_transparent_is_white() -> None:
    pixels = np.dstack([COLOUR, np.zeros((6, 8), np.uint8)])
    pixels[0, 0] = (10, 20, 30, 255)
    pixels[0, 1] = (0, 0, 0, 51)  # a fifth of black over white
    found = seen(encoded(pixels)).pixels
    assert found is not None
    assert found[0, :2].tolist() == [[10, 20, 30], [204, 204, 204]]
    assert (found[1:] == 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_stands_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    for form in ("PNG", "TIFF"):
        found = seen(encoded(COLOUR, form, exif=exif))
        mirrored = COLOUR[:, ::-1] if orientation in (2, 4, 5, 7) else COLOUR
        upright = np.rot90(mirrored, {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(orientation, 0))
        assert found.size == upright.shape[1::-1]
        np.testing.assert_array_equal(found.pixels, upright)


def test_a_damaged_exif_block_spoils_no_picture() -> None:
    cell = encoded(COLOUR, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7fnonsense")
    assert each(look, [cell])[0].size == (8, 6)  # type: ignore[union-attr]


def test_large_pictures_are_decoded_when_their_size_is_known() -> None:
    found = seen(encoded(np.zeros((80, 65, 3), np.uint8)))
    assert (found.size, found.pixels) == ((65, 80), None)


def test_the_centre_is_cut_out_and_nothing_is_squeezed() -> None:
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = 255  # the middle third is square and white
    found = decode(encoded(wide), (10, 10, 3))
    assert isinstance(found, np.ndarray)
    assert found.shape == (10, 10, 3)
    assert found.min() > 200


@pytest.mark.parametrize("size", [(400, 300), (1600, 1200)])
def test_a_large_photograph_keeps_its_colours(size: tuple[int, int]) -> None:
    """JPEG files are decoded at a part of their size; the mean of each quarter stays what it was."""
    whole = np.zeros((size[1], size[0], 3), np.uint8)
    middle, half = size[1] // 2, size[0] // 2
    whole[:middle, :half], whole[:middle, half:], whole[middle:, :half] = (200, 0, 0), (0, 200, 0), (0, 0, 200)
    found = decode(encoded(whole, "JPEG", quality=95, subsampling=0), (48, 64, 3))
    assert isinstance(found, np.ndarray)
    assert np.abs(found[2:20, 2:28].mean((0, 1)) - (200, 0, 0)).max() < 5
    assert np.abs(found[28:, 2:28].mean((0, 1)) - (0, 0, 200)).max() < 5


def test_grey_and_colour_become_each_other() -> None:
    colour = decode(encoded(GREY), (6, 8, 3))
    assert isinstance(colour, np.ndarray)
    np.testing.assert_array_equal(colour, np.repeat(GREY[:, :, None], 3, axis=2))
    grey = reshaped(COLOUR, (6, 8, 1))[:, :, 0]
    assert np.abs(grey - COLOUR @ (0.299, 0.587, 0.114)).max() <= 1  # ITU-R 601


def test_other_channels_are_scaled_one_by_one() -> None:
    layers = np.stack([np.full((8, 8), value, np.uint8) for value in (1, 50, 90, 130, 255)], axis=2)
    assert reshaped(layers, (4, 2, 5)).tolist() == [[[1, 50, 90, 130, 255]] * 2] * 4
    with pytest.raises(ValueError, match="5 channels cannot become 3"):
        reshaped(layers, (4, 2, 3))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "TIFF"])
def test_a_cut_off_file_is_told(form: str) -> None:
    whole = encoded(DRAW.integers(0, 256, (60, 60, 3)).astype(np.uint8), form)
    for found in (look(whole[: len(whole) // 2]), decode(whole[: len(whole) // 2], (8, 8, 3)), look(whole[:12])):
        assert isinstance(found, str)
        assert "damaged" in found


def test_a_decompression_bomb_is_refused_unopened() -> None:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    for side in (12_000, 60_000):  # Pillow itself warns of the first and refuses the second
        head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
        bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
        assert each(look, [bomb]) == ["it has more pixels than any photograph, as a decompression bomb has"]


def test_many_are_done_in_order() -> None:
    assert each(lambda number: number + 1, range(1000)) == list(range(1, 1001))


def test_a_png_holds_the_same_pixels_and_no_more_than_asked() -> None:
    np.testing.assert_array_equal(np.asarray(Image.open(BytesIO(png(COLOUR, 96)))), COLOUR)
    np.testing.assert_array_equal(np.asarray(Image.open(BytesIO(png(GREY[:, :, None], 96)))), GREY)
    assert Image.open(BytesIO(png(np.zeros((200, 100, 3), np.uint8), 96))).size == (48, 96)
