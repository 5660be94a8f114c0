"""Patterns: what they stand for, and how each fault is shown in its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import PlanError
from assay.nn.pictures._pattern_text import MOST_LAYERS, parse, shown


def kinds(text: str) -> str:
    return " ".join(layer.kind for layer in parse(text))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("INPUT -> FC", "FC"),
        ("INPUT -> CONV -> RELU -> FC", "CONV RELU FC"),
        ("INPUT -> [CONV]*1 -> FC", "CONV FC"),
        ("INPUT -> CONV*3 -> FC", "CONV CONV CONV FC"),
        ("INPUT -> [[CONV -> RELU]*2 -> POOL]*2 -> FC", "CONV RELU CONV RELU POOL " * 2 + "FC"),
        ("INPUT -> [CONV -> RELU] -> [FC -> TANH]*2 -> FC", "CONV RELU FC TANH FC TANH FC"),
        ("input → conv→Swish -> dropout -> fc", "CONV SILU DROP FC"),
        ("INPUT->CONV\n  ->  NORM -> GELU\t-> FC ", "CONV NORM GELU FC"),
    ],
)
def test_what_a_pattern_stands_for(text: str, meant: str) -> None:
    assert kinds(text) == meant.strip()


def test_parameters_by_name_and_the_first_without() -> None:
    conv, pool, drop, dense, _ = parse(
        "INPUT -> CONV(64, size=5, PAD=2) -> POOL(3, kind=MEAN) -> DROP(.25) -> FC(9) -> FC"
    )
    assert conv.given == {"filters": 64, "size": 5, "pad": 2}
    assert pool.given == {"size": 3, "kind": "mean"}
    assert drop.given == {"share": 0.25}
    assert dense.given == {"units": 9}
    assert conv.written == "CONV(64, size=5, PAD=2)"


FAULTS = [
    ("", "^ the end at the beginning", "INPUT"),
    ("CONV -> FC", "^^^^ 'CONV' at the beginning", "INPUT"),
    ("INPUT", "     ^ nothing after INPUT", "at least FC"),
    ("INPUT ->", "        ^ the end in the place of a laye", "a layer o"),
    ("INPUT CONV -> FC", "      ^^^^ 'CONV' is not expected here", "-> between INPUT and the first laye"),
    ("INPUT -> CNOV -> FC", "         ^^^^ no such laye", "did you mean 'CONV'"),
    ("INPUT -> INPUT -> FC", "         ^^^^^ INPUT once more", "at the beginning only"),
    ("INPUT -> CONV FC", "              ^^ 'FC' is not expected here", "add -> before it"),
    ("INPUT -> [CONV -> FC", "         ^ a '[' that is never closed", "add a ']'"),
    ("INPUT -> CONV] -> FC", "             ^ ']' without a '['", "remove it"),
    ("INPUT -> [CONV)*2 -> FC", "              ^ ')' is not expected here", "->, * or ] after a laye"),
    ("INPUT -> [CONV]*N -> FC", "                ^ 'N' after *", "say how often"),
    ("INPUT -> [CONV]*1.5 -> FC", "                ^^^ '1.5' after *", "a whole numbe"),
    ("INPUT -> [CONV]*0 -> FC", "                ^ none of it", "1 or more"),
    ("INPUT -> [CONV -> POOL?]*2 -> FC", "                      ^ '?' is not expected", "no optional layers"),
    ("INPUT -> CONV(filter=8) -> FC", "              ^^^^^^ CONV has no such paramete", "did you mean 'filters'"),
    ("INPUT -> POOL(mean) -> FC", "              ^^^^ POOL has no such paramete", "did you mean kind=mean?"),
    ("INPUT -> CONV(8, 3) -> FC", "                 ^ a value without a name", "filters, size, stride, pad"),
    ("INPUT -> CONV(8, filters=3) -> FC", "                 ^^^^^^^ filters is given twice", "remove one"),
    ("INPUT -> CONV(size=0) -> FC", "                   ^ '0' as size", "from 1 to 64"),
    ("INPUT -> CONV(size=-3) -> FC", "                   ^^ '-3' as size", "from 1 to 64"),
    ("INPUT -> CONV(size=) -> FC", "                   ^ ')' as size", "from 1 to 64"),
    ("INPUT -> CONV(size 3) -> FC", "                   ^ '3' is not expected here", "= and a value"),
    ("INPUT -> CONV(size=3 -> FC", "                     ^^ '->' after a paramete", "',' or ')'"),
    ("INPUT -> CONV() -> FC", "              ^ ')' in the place of a paramete", "write name=value"),
    ("INPUT -> POOL(kind=men) -> FC", "                   ^^^ 'men' as kind", "did you mean 'mean'"),
    ("INPUT -> DROP(1) -> FC", "              ^ '1' as share", "from 0 to 0.95"),
    ("INPUT -> RELU(3) -> FC", "             ^ RELU has no parameters", "remove the parentheses"),
    ("INPUT -> CONV -> RELU", "                 ^^^^ RELU as the last laye", "add -> FC"),
    ("INPUT -> FC(9) -> CONV -> FC", "                  ^^^^ CONV after FC(9)", "before the first FC"),
    ("INPUT -> [CONV -> FC]*2", "          ^^^^ CONV after FC", "move it before FC"),
    ("INPUT -> FC -> POOL -> FC", "               ^^^^ POOL after FC", "before the first FC"),
    ("INPUT -> CONV % FC", "              ^ '%' is not expected here", "change it there"),
]


@pytest.mark.parametrize(("text", "where", "says"), FAULTS, ids=[text for text, _, _ in FAULTS])
def test_a_fault_is_shown_in_its_place(text: str, where: str, says: str) -> None:
    with pytest.raises(PlanError, match=f"does not parse at letter {where.index('^') + 1}:\n") as caught:
        parse(text)
    assert f"\n    {text}\n    {where}" in caught.value.found
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("INPUT -> [[[CONV]*1000]*1000]*1000 -> FC", "1,000 layers"),
        ("INPUT -> " + "[" * 7 + "CONV" + "]*199" * 7 + " -> FC", "39,601 layers"),
        (f"INPUT -> CONV*{'9' * 1500} -> FC", "very many layers"),
        ("INPUT -> [CONV]*200 -> FC", "201 layers"),
        ("INPUT -> " + "[" * 900, "too deep"),
        ("INPUT" + " -> CONV" * 400, "a pattern of 3,205 letters"),
    ],
)
def test_hostile_patterns_are_refused(text: str, says: str) -> None:
    with pytest.raises(PlanError, match=says):
        parse(text)


def test_as_many_layers_as_are_allowed() -> None:
    assert len(parse(f"INPUT -> CONV*{MOST_LAYERS - 1} -> FC")) == MOST_LAYERS


@given(st.text(alphabet="INPUTCOVFRELPDinputconvfc[]()*=->,.0129 \n?→é\x00", max_size=60))
def test_any_text_parses_or_is_refused(text: str) -> None:
    for whole in (text, f"INPUT -> {text}", f"INPUT -> CONV({text}) -> FC"):
        try:
            assert parse(whole)[-1].kind == "FC"
        except PlanError as error:
            assert "^" in error.found


def test_the_line_of_the_fault_alone_is_shown() -> None:
    assert shown("INPUT\n -> CONV\n -> FC", 10, 14, "here") == "\n     -> CONV\n        ^^^^ here"


def test_a_long_line_is_cut_around_the_fault() -> None:
    text = "INPUT" + " -> CONV" * 40 + " -> FC"
    line, carets = shown(text, 200, 204, "here").splitlines()[1:]
    assert len(line) < 110 and line.strip().startswith("...") and line.endswith("...")
    assert line[carets.index("^") :][:4] == text[200:204]
