"""Sizes of maps: against what torch gives, and what is said where they do not work out."""

import re

import pytest
import torch

from assay.core.errors import PlanError
from assay.nn.pictures._pattern_sizes import sized
from assay.nn.pictures._pattern_text import parse
from assay.nn.pictures.pattern import Pattern

USUAL = "INPUT -> [[CONV -> RELU]*2 -> POOL]*3 -> [FC -> RELU]*1 -> FC"


def told(text: str, shape: tuple[int, int, int], outputs: int = 10) -> str:
    with pytest.raises(PlanError, match="pattern") as caught:
        sized(parse(text), shape, outputs)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        (USUAL, (32, 24, 3)),
        ("INPUT -> CONV(4, size=5, pad=0) -> POOL(kind=mean) -> CONV(size=3, stride=3, pad=0) -> FC", (28, 34, 1)),
        ("INPUT -> POOL(3, stride=2) -> CONV(6, size=4, stride=2) -> TANH -> FC(5) -> FC", (17, 21, 2)),
    ],
)
def test_maps_are_as_torch_makes_them(text: str, shape: tuple[int, int, int]) -> None:
    steps, net = sized(parse(text), shape, 10), Pattern(text, shape, 10)
    seen, found = torch.zeros(1, shape[2], *shape[:2]), []
    for name, layer in net.named_children():
        seen = layer(seen)
        found += [] if name == "flat" else [tuple(seen.shape[1:])]
    assert [step.after for step in steps[:-1]] == found
    assert steps[-1].after == (10,)


def test_weights_are_counted() -> None:
    steps, net = sized(parse(USUAL), (32, 32, 3), 10), Pattern(USUAL, (32, 32, 3), 10)
    assert sum(step.weights for step in steps[:-1]) == sum(w.numel() for w in net.parameters() if w.dim() > 1)
    assert steps[-1].weights == 1280


def test_a_size_that_is_not_whole() -> None:
    said = told(USUAL, (28, 28, 1))
    assert "layer 15 of the pattern, its POOL number 3 (size=2, stride=2), with maps of 7 by 7" in said
    assert "(7 - 2) / 2 + 1 = 3.5 is not a whole number" in said
    assert USUAL + "\n" + " " * 34 + "^^^^ not a whole number" in said
    assert "write POOL(size=2, stride=1), or give pictures of 24 by 24 or 32 by 32 (--picture-size)" in said


@pytest.mark.parametrize(
    ("text", "shape", "says"),
    [
        ("INPUT -> CONV(stride=2) -> FC", (28, 28, 1), "(28 - 3 + 2*1) / 2 + 1 = 14.5"),
        ("INPUT -> CONV(stride=2) -> FC", (28, 28, 1), "write CONV(size=4, stride=2, pad=1)"),
        ("INPUT -> CONV(stride=2) -> FC", (28, 28, 1), "pictures of 27 by 27 or 29 by 29"),
        ("INPUT -> CONV(size=6, pad=0, stride=4) -> FC", (11, 11, 1), "write CONV(size=7, stride=4, pad=0)"),
        ("INPUT -> CONV(size=6, pad=0, stride=4) -> FC", (11, 11, 1), "write CONV(size=6, stride=5, pad=0)"),
        ("INPUT -> CONV(size=5, pad=0, stride=4) -> FC", (11, 11, 1), "write CONV(size=5, stride=4, pad=1)"),
        (USUAL, (30, 45, 1), "pictures of 24 by 40 or 32 by 48."),
        ("INPUT -> CONV(size=9, pad=0) -> FC", (8, 8, 1), "a window of 9 on a side of 8 leaves nothing"),
        ("INPUT -> CONV(size=9, pad=0) -> FC", (8, 8, 1), "write CONV(size=8, stride=1, pad=0)"),
        ("INPUT -> [CONV(size=5, pad=0)]*3 -> FC", (12, 12, 1), "pictures of 13 by 13"),
        ("INPUT -> [POOL]*4 -> FC", (8, 8, 1), "layer 4 of the pattern, its POOL number 4"),
        ("INPUT -> CONV(size=3, pad=3) -> FC", (8, 8, 1), "set pad to 2 or less"),
    ],
)
def test_what_would_do_is_told(text: str, shape: tuple[int, int, int], says: str) -> None:
    assert says in told(text, shape)


@pytest.mark.parametrize(
    ("text", "layer", "shape"),
    [
        ("INPUT -> CONV(8, stride=2) -> RELU -> FC", "CONV(8, stride=2)", (28, 28, 1)),
        ("INPUT -> [CONV(size=5, pad=0) -> POOL(kind=mean)]*2 -> FC", "POOL(kind=mean)", (30, 30, 1)),
        ("INPUT -> CONV -> POOL(3) -> FC", "POOL(3)", (16, 19, 3)),
        ("INPUT -> POOL -> CONV(size=9, pad=0) -> FC", "CONV(size=9, pad=0)", (12, 14, 1)),
    ],
)
def test_what_is_told_does(text: str, layer: str, shape: tuple[int, int, int]) -> None:
    """Each setting that is named makes the layer fit, wherever it stands, and each size makes the whole pattern fit."""
    fixes = told(text, shape).split("Next: ")[1]
    written = re.findall(r"write (\w+\([^)]*\))", fixes)
    for other in written:
        assert sized(parse(text.replace(layer, other)), shape, 10)[-1].after == (10,)
        assert ("kind=mean" in other) == ("kind=mean" in layer) and ("filters=8" in other) == ("8" in layer)
    pictures = re.findall(r"(\d+) by (\d+)", fixes)
    for height, width in pictures:
        assert sized(parse(text), (int(height), int(width), shape[2]), 10)
    assert written and pictures


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("INPUT -> FC(16000) -> FC(16000) -> FC", "layer 2 has 256,000,000 of the net's 321,696,000 weights"),
        ("INPUT -> CONV(4096, size=1) -> FC", "layer 1 has 16,777,216 numbers for each picture"),
    ],
)
def test_too_large_a_net(text: str, says: str) -> None:
    assert says in told(text, (64, 64, 1))


def test_the_last_layer_has_a_unit_for_each_class() -> None:
    assert sized(parse("INPUT -> FC(10)"), (8, 8, 1), 10)
    assert "ends with 3 units" in (said := told("INPUT -> FC(3)", (8, 8, 1))) and "10, one for each class" in said
