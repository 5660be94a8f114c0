"""The house rules that no linter knows. A rule that cannot be kept is changed here, with its reason, or not at all."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

SOURCE = ROOT / "src" / "assay"
TESTS = ROOT / "tests"
SOURCES = sorted(path for path in SOURCE.rglob("*.py") if path.name != "__init__.py")
TEST_FILES = sorted(TESTS.rglob("test_*.py"))

WITHOUT_TESTS = {
    "core/arrays.py": "names of types, which the type checker tests",
    "data/_wishes.py": "names of fields, which the type checker tests",
    "families/_base.py": "a contract without code, tested through its members",
    "tasks/_base.py": "a contract without code, tested through its members",
    "training/history.py": "records without code, tested through the trainer",
    "training/watcher.py": "a contract without code, tested through its members",
}
WITHOUT_TESTS |= {
    f"report/{name}.py": "a section of the page: tests/report/test_sections.py goes through all of them"
    for name in (
        *("_again", "_board", "_calibration", "_classes", "_confusion", "_curves", "_data"),
        *("_section", "_threshold", "_verdict", "_wrong"),
    )
}
WITHOUT_SOURCE = {
    "report/test_sections.py": "what holds for every section of the page",
    "test_house.py": "the rules themselves",
    "cli/test_bad_runs.py": "what every command says to a run folder that is not whole",
    "cli/test_kill.py": "fits that are killed and gone on with, through all floors",
    "cli/test_pictures.py": "pictures through all floors",
    "cli/test_tagging.py": "sequences through all floors",
}
WITHOUT_MESSAGE = {"typer.Exit", "SystemExit", "KeyboardInterrupt", "BrokenPipeError"}
HEAVY = ("torch", "lightgbm", "sklearn", "scipy", "polars", "pyarrow", "altair", "rich", "numpy")
# A person's own weight file may be read by torch, which then takes nothing but tensors in plain containers.
WEIGHTS_ONLY = re.compile(r"torch\.load\([^()]*\bweights_only=True\)")
EXECUTING = re.compile(r"\b(pickle|cPickle|dill|cloudpickle|marshal|shelve)\b|\b(joblib|torch)\.(load|save|dump)\b")
ALLOW_PICKLE = re.compile(r"allow_pickle\s*=\s*True")


def within(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def mirrored(source: str) -> str:
    """``a/_b.py`` to ``a/test_b.py``."""
    folder, name = os.path.split(source)
    return os.path.join(folder, f"test_{name.removeprefix('_')}")


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function's body, without its docstring: options stand one per line and count for nothing."""
    first = function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else function.body[0]
    return (function.end_lineno or 0) - first.lineno + 1


def test_every_source_file_has_its_tests() -> None:
    sources = {within(path, SOURCE) for path in SOURCES} - set(WITHOUT_TESTS)
    tests = {within(path, TESTS) for path in TEST_FILES}
    assert sorted(source for source in sources if mirrored(source) not in tests) == []


def test_every_test_file_has_its_source() -> None:
    bench = {f"bench/test_{path.name}" for path in [*ROOT.glob("bench/*.py"), *ROOT.glob("bench/contest/*.py")]}
    for folder in ("engine", "kinds", "sizes", "tasks"):
        bench |= {f"bench/{folder}/test_{path.name}" for path in ROOT.glob(f"bench/{folder}/*.py")}
    known = {mirrored(within(path, SOURCE)) for path in SOURCE.rglob("*.py")} | bench | set(WITHOUT_SOURCE)
    assert sorted({within(path, TESTS) for path in TEST_FILES} - known) == []


def test_no_exception_is_out_of_date() -> None:
    assert {name for name in WITHOUT_TESTS if not (SOURCE / name).is_file()} == set()
    assert {name for name in WITHOUT_TESTS if (TESTS / mirrored(name)).is_file()} == set()


@pytest.mark.parametrize(("files", "most"), [(SOURCES, 400), (TEST_FILES, 600)], ids=["source", "tests"])
def test_files_stay_short(files: list[Path], most: int) -> None:
    lines = {within(path, ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {name: count for name, count in lines.items() if count > most} == {}


def test_functions_stay_short() -> None:
    found = [
        f"{within(path, ROOT)}: {function.name} has {length(function)} lines"
        for path in SOURCES
        for function in functions(ast.parse(path.read_text(encoding="utf-8")))
        if length(function) > 50
    ]
    assert found == []


def test_no_function_takes_more_than_five_arguments_by_position() -> None:
    found = [
        f"{within(path, ROOT)}: {function.name}"
        for path in SOURCES
        for function in functions(ast.parse(path.read_text(encoding="utf-8")))
        if len([a for a in function.args.posonlyargs + function.args.args if a.arg not in ("self", "cls")]) > 5
    ]
    assert found == []


def test_nothing_that_executes_on_load_is_used() -> None:
    found = [
        f"{within(path, ROOT)}:{number}: {line.strip()}"
        for path in SOURCES
        for number, line in enumerate(_code(path).splitlines(), start=1)
        if EXECUTING.search(WEIGHTS_ONLY.sub("", line)) or ALLOW_PICKLE.search(line)
    ]
    assert found == []


def _code(path: Path) -> str:
    """The code of a file as the parser sees it: without comments, and with every text emptied."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            node.value = type(node.value)()
    return ast.unparse(tree)


def test_every_expected_error_has_its_message_checked() -> None:
    found = [
        f"{within(path, ROOT)}:{node.lineno}"
        for path in TEST_FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "raises"
        and not any(keyword.arg in ("match", "check") for keyword in node.keywords)
        and ast.unparse(node.args[0]) not in WITHOUT_MESSAGE
    ]
    assert found == []


def test_the_architecture_names_every_floor() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    floors = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert {floor for floor in floors if f"`{floor}`" not in text} == set()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"])
def test_no_link_between_the_pages_is_dead(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", (ROOT / page).read_text(encoding="utf-8"))
    assert {link for link in links if "://" not in link and not (ROOT / link).exists()} == set()


def test_every_command_of_the_readme_exists() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)\b", text)) <= targets
    commands = set(re.findall(r"^(?:    |.*`)assay ([a-z]+) ", text, re.MULTILINE))
    told = _help()
    assert {command for command in commands if not re.search(rf"\b{command}\b", told)} == set()


def test_everything_that_is_needed_is_pinned() -> None:
    pins = re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    assert {_plain(re.split(r"[<>=\[]", need)[0]) for need in wanted} - {_plain(name) for name, _ in pins} == set()
    assert [
        version for _, version in pins if "+" in version
    ] == []  # no "+cpu": an index without it has the same release


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=60, check=True, cwd=ROOT)


def test_importing_assay_loads_nothing_heavy() -> None:
    code = f"import sys, assay; assay.UserError; print([name for name in {HEAVY} if name in sys.modules])"
    assert _run("-c", code).stdout == "[]\n"


def test_every_public_name_is_there() -> None:
    code = "import assay; print([name for name in assay.__all__ if getattr(assay, name, None) is None])"
    assert _run("-c", code).stdout == "[]\n"


def test_a_name_that_assay_does_not_have_is_told() -> None:
    import assay

    with pytest.raises(AttributeError, match="module 'assay' has no attribute 'fitt'; it has AssayClassifier, "):
        assay.fitt  # noqa: B018


def test_the_command_tells_what_it_can_do() -> None:
    told = _help()
    assert [command for command in ("fit", "evaluate", "predict", "report", "inspect") if command not in told] == []


def _help() -> str:
    command = [Path(sys.executable).with_name("assay"), "--help"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd=ROOT).stdout
