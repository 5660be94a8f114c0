"""The layers of patterns and their parameters."""

import pytest

from assay.nn.pictures._pattern_layers import KINDS, Parameter, is_activation, settled


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        (Parameter(1, 64), "7", 7),
        (Parameter(1, 64), "65", None),
        (Parameter(1, 64), "7.0", None),
        (Parameter(1, 64), "9" * 5000, None),
        (Parameter(1, 64), "٣", 3),
        (Parameter(0, 0.95, whole=False), "0.5", 0.5),
        (Parameter(0, 0.95, whole=False), ".5", 0.5),
        (Parameter(0, 0.95, whole=False), "nan", None),
        (Parameter(0, 0.95, whole=False), "-0.1", None),
        (Parameter(words=("max", "mean")), "Mean", "mean"),
        (Parameter(words=("max", "mean")), "min", None),
    ],
)
def test_values_are_read_and_held_to_their_range(parameter: Parameter, text: str, value: object) -> None:
    assert parameter.read(text) == value


def test_filters_double_after_each_pooling() -> None:
    assert [settled("CONV", {}, pools)["filters"] for pools in (0, 1, 2, 4, 5, 99)] == [32, 64, 128, 512, 512, 512]
    assert settled("CONV", {"filters": 7}, 3)["filters"] == 7


def test_usual_windows() -> None:
    assert settled("CONV", {}, 0) == {"filters": 32, "size": 3, "stride": 1, "pad": 1}
    assert settled("CONV", {"size": 7}, 0)["pad"] == 3
    assert settled("POOL", {}, 0) == {"size": 2, "stride": 2, "kind": "max"}
    assert settled("POOL", {"size": 3}, 0)["stride"] == 3


def test_usual_units() -> None:
    assert (settled("FC", {}, 0), settled("DROP", {}, 0), settled("RELU", {}, 0)) == (
        {"units": 128},
        {"share": 0.5},
        {},
    )


def test_activations_are_known_by_name() -> None:
    assert [kind for kind in KINDS if not is_activation(kind)] == ["CONV", "POOL", "FC", "NORM", "DROP"]
