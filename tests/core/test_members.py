"""Members are found by file and by entry point, and loaded one at a time, by names that are known."""

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from assay.core import members
from assay.core.errors import PlanError
from assay.core.members import member, member_names

BASE = "class Base:\n    name = ''\n"
MEMBER = "from shapes_for_test._base import Base\nclass {kind}(Base):\n    name = '{name}'\n"


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type]:
    """A package with a contract, the members `circle` and `square`, and a file that must not be imported."""
    folder = tmp_path / "shapes_for_test"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "_base.py").write_text(BASE)
    (folder / "circle.py").write_text(MEMBER.format(kind="Circle", name="circle"))
    (folder / "square.py").write_text(MEMBER.format(kind="Square", name="square"))
    (folder / "nothing.py").write_text("from shapes_for_test._base import Base\n")
    monkeypatch.syspath_prepend(tmp_path)
    _forget()
    from shapes_for_test._base import Base

    yield Base
    _forget()
    for name in [name for name in sys.modules if name.startswith("shapes_for_test")]:
        del sys.modules[name]


def _forget() -> None:
    members.member_names.cache_clear()
    members._own_names.cache_clear()


def _install(monkeypatch: pytest.MonkeyPatch, **points: str) -> None:
    found = [EntryPoint(name, value, "shapes_for_test") for name, value in points.items()]
    monkeypatch.setattr(members, "entry_points", lambda **wanted: EntryPoints(found).select(**wanted))
    _forget()


def test_files_are_members_and_private_files_are_not(base: type) -> None:
    assert member_names("shapes_for_test") == ("circle", "nothing", "square")


def test_one_member_is_loaded_without_the_others(base: type) -> None:
    assert member("shapes_for_test", base, "circle").__name__ == "Circle"
    assert "shapes_for_test.square" not in sys.modules


@pytest.mark.parametrize("name", ["circel", "_base", "../circle", "os", "circle.Circle", ""])
def test_a_name_that_is_not_known_imports_nothing(base: type, name: str) -> None:
    with pytest.raises(PlanError, match=r"no base named .*\nExpected: one of: circle, nothing, square"):
        member("shapes_for_test", base, name)
    assert "shapes_for_test.circle" not in sys.modules


def test_a_near_name_is_offered(base: type) -> None:
    with pytest.raises(PlanError, match="did you mean 'circle'"):
        member("shapes_for_test", base, "circel")


def test_a_file_without_its_class_is_our_fault(base: type) -> None:
    with pytest.raises(TypeError, match="holds no Base with name = 'nothing'"):
        member("shapes_for_test", base, "nothing")


def test_installed_members_join(base: type, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "plugin_for_test.py").write_text(MEMBER.format(kind="Star", name="star"))
    _install(monkeypatch, star="plugin_for_test:Star", line="plugin_for_test:Star")
    assert member_names("shapes_for_test") == ("circle", "line", "nothing", "square", "star")
    assert member("shapes_for_test", base, "star").__name__ == "Star"
    with pytest.raises(TypeError, match=r"entry point 'line' gives .*Star.*, not a Base with name = 'line'"):
        member("shapes_for_test", base, "line")


def test_an_installed_member_never_takes_the_place_of_ours(base: type, monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, circle="os:system")
    assert member("shapes_for_test", base, "circle").__module__ == "shapes_for_test.circle"
