from argparse import Namespace
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from assay.core.errors import PlanError
from assay.families._weight_file import find_weights, read_weights

WEIGHTS = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.ones(2)}


def same(found: dict[str, torch.Tensor]) -> bool:
    return found.keys() == WEIGHTS.keys() and all(torch.equal(found[name], WEIGHTS[name]) for name in WEIGHTS)


def test_safetensors_are_read(tmp_path: Path) -> None:
    save_file(WEIGHTS, tmp_path / "net.safetensors")
    assert same(read_weights(str(tmp_path / "net.safetensors")))


@pytest.mark.parametrize(
    "held",
    [
        WEIGHTS,
        OrderedDict(WEIGHTS),
        {"state_dict": WEIGHTS, "epoch": 3},
        {"model": WEIGHTS, "optimizer": {"state": {}}},
        {f"module.{name}": value for name, value in WEIGHTS.items()},
    ],
    ids=["plain", "ordered", "lightning", "model", "parallel"],
)
def test_what_torch_has_saved_is_read(held: Any, tmp_path: Path) -> None:
    torch.save(held, tmp_path / "net.pth")
    assert same(read_weights(str(tmp_path / "net.pth")))


class Trap:
    """Touches a file when it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> Any:
        return Path.touch, (self.place,)


def test_a_file_with_objects_is_refused_and_not_run(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    for name, held in (("trap", Trap(touched)), ("net", nn.Linear(2, 2)), ("args", {"args": Namespace(lr=1)})):
        torch.save({"state_dict": WEIGHTS, "more": held}, tmp_path / f"{name}.pt")
        with pytest.raises(PlanError, match=r"holds Python objects beside weights(.|\n)*save_file\(net.state_dict"):
            read_weights(str(tmp_path / f"{name}.pt"))
    assert not touched.exists()


def test_what_is_no_file_of_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "junk.pt").write_bytes(b"hello world" * 9)
    (tmp_path / "empty.pth").touch()
    (tmp_path / "junk.safetensors").write_bytes(b"hello world" * 9)
    (tmp_path / "net.h5").touch()
    torch.save([torch.ones(2)], tmp_path / "list.pt")
    torch.save({"epoch": 3}, tmp_path / "bare.pt")
    for name, says in (
        ("junk.pt", "does not read as weights"),
        ("empty.pth", "does not read as weights"),
        ("junk.safetensors", r"does not read as weights \(SafetensorError\)"),
        ("net.h5", r"whose ending is '\.h5'"),
        ("list.pt", r"holds no table of weights \(list\)"),
        ("bare.pt", "holds no weights, but 'epoch'"),
        ("nett.h5", r"which is not there(.|\n)*did you mean 'net\.h5'"),
        ("none/net.pt", "which is not there"),
        ("", "which is a folder(.|\n)*name a file in it"),
    ):
        with pytest.raises(PlanError, match=says):
            read_weights(str(tmp_path / name))


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    for name in ("net.safetensors", "net.pt"):
        path = tmp_path / name
        save_file(WEIGHTS, path) if path.suffix == ".safetensors" else torch.save(WEIGHTS, path)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(PlanError, match="does not read as weights"):
            read_weights(str(path))


def test_for_a_run_its_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "arrays.safetensors").touch()
    with pytest.raises(PlanError, match=r"set weights to '.*model/arrays\.safetensors'"):
        find_weights(str(tmp_path))
