"""A net as a line of text, in the notation of Stanford's course CS231n: taken apart, the place of a fault shown."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from assay.core.errors import PlanError, did_you_mean, listed
from assay.nn.pictures._pattern_layers import KINDS, ONCE_MORE, Parameter

MOST_LETTERS, MOST_LAYERS, MOST_DEPTH = 2_000, 200, 8
_SHOWN = 88
_TOKEN = re.compile(
    r"(?P<arrow>->|→)|(?P<number>-?\d+(?:\.\d*)?|-?\.\d+)|(?P<word>[^\W\d]\w*)|(?P<sign>[\[\](),=*])|(?P<odd>\S)"
)
_EXAMPLE = "INPUT -> [[CONV -> RELU]*2 -> POOL]*3 -> [FC -> RELU]*1 -> FC"


@dataclass(frozen=True)
class Layer:
    """A layer as it was written.

    Attributes:
        kind: Its name in capitals, e.g. ``"CONV"``.
        given: Its parameters by name, each in its range.
        text: The whole pattern.
        start, end: Where the layer stands in it; repetitions of one layer stand in one place.
    """

    kind: str
    given: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    start: int = 0
    end: int = 0

    @property
    def written(self) -> str:
        """As a person wrote it."""
        return self.text[self.start : self.end]


def parse(text: str) -> tuple[Layer, ...]:
    """The layers of a pattern after INPUT, repetitions written out.

    Raises:
        PlanError: It does not parse, has its layers in an order that no net has, or more of them than 200.
    """
    if len(text) > MOST_LETTERS:
        raise PlanError(
            f"a pattern of {len(text):,} letters",
            expected=f"at most {MOST_LETTERS:,}",
            fix="write repetitions as [...]*n",
        )
    layers = _Reader(text).pattern()
    _check_order(layers)
    return layers


def shown(text: str, start: int, end: int, what: str) -> str:
    """The line of a pattern in which a place lies, and below it carets under the place and ``what``, for a message."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", start)
    last = len(text) if last < 0 else last
    low = max(first, min(start - _SHOWN // 2, last - _SHOWN))
    high = min(last, low + _SHOWN)
    left, right = "... " if low > first else "", " ..." if high < last else ""
    line = re.sub(r"\s", " ", text[low:high])
    carets = "^" * max(1, min(end, high) - start)
    return f"\n    {left}{line}{right}\n    {' ' * (len(left) + start - low)}{carets} {what}"


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else repr(self.text)


class _Reader:
    """Reads ``INPUT -> item -> item``, an item being a layer or ``[item -> item]``, each with ``*n`` or without."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.tokens = [*_tokens(text)]

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def pattern(self) -> tuple[Layer, ...]:
        token = self._next()
        if token.text.upper() != "INPUT":
            self._fault(token, f"{token} at the beginning", "INPUT, the picture, at the beginning", f"try {_EXAMPLE}")
        if self.token.kind == "end":
            self._fault(self.token, "nothing after INPUT", "-> and at least FC", f"try {_EXAMPLE}")
        self._want("arrow", "->", "-> between INPUT and the first layer")
        layers = self._sequence(0)
        if self.token.text == "]":
            self._fault(self.token, "']' without a '['", "a bracket that was opened", "remove it, or add a '['")
        self._want("end", "", "->, * or the end, after a layer")
        return layers

    def _sequence(self, depth: int) -> tuple[Layer, ...]:
        layers = self._item(depth)
        while self.token.kind == "arrow":
            arrow = self._next()
            layers += self._item(depth)
            self._check_count(len(layers), arrow)
        return layers

    def _item(self, depth: int) -> tuple[Layer, ...]:
        opened = self.token
        if opened.text != "[":
            return self._repeated((self._layer(),))
        if depth == MOST_DEPTH:
            self._fault(opened, "too deep", f"at most {MOST_DEPTH} brackets in each other", "write fewer of them")
        self._next()
        layers = self._sequence(depth + 1)
        if self.token.kind == "end":
            self._fault(opened, "a '[' that is never closed", "']' after its last layer", "add a ']'")
        self._want("sign", "]", "->, * or ] after a layer in brackets")
        return self._repeated(layers)

    def _repeated(self, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        if self.token.text != "*":
            return layers
        self._next()
        token = self._next()
        if not token.text.isdecimal():
            self._fault(token, f"{token} after *", "a whole number, e.g. *2", "say how often")
        if int(token.text) < 1:
            self._fault(token, "none of it", "1 or more", "leave out what is not to be there")
        self._check_count(len(layers) * int(token.text), token)
        return layers * int(token.text)

    def _layer(self) -> Layer:
        token = self._next()
        kind = ONCE_MORE.get(token.text.upper(), token.text.upper())
        if kind == "INPUT":
            self._fault(token, "INPUT once more", "INPUT at the beginning only", "remove it")
        if token.kind == "end" or (token.kind != "word" and token.text != "?"):
            self._fault(token, f"{token} in the place of a layer", "a layer or '['", "write a layer here")
        if kind not in KINDS:
            hint = did_you_mean(token.text, KINDS)
            self._fault(token, "no such layer", f"one of: {listed(KINDS, 20)}", f"{hint}change the name")
        given = self._parameters(kind) if self.token.text == "(" else {}
        return Layer(kind, given, self.text, token.start, self.tokens[self.at - 1].end)

    def _parameters(self, kind: str) -> dict[str, Any]:
        known, given = KINDS[kind], dict[str, Any]()
        opened = self._next()
        if not known:
            self._fault(opened, f"{kind} has no parameters", f"{kind} alone", "remove the parentheses")
        while True:
            name, token = self._name(kind, first=not given)
            if name in given:
                self._fault(token, f"{name} is given twice", "each parameter once", "remove one of them")
            given[name] = self._value(known[name], name)
            token = self._next()
            if token.text == ")":
                return given
            if token.text != ",":
                self._fault(token, f"{token} after a parameter", "',' or ')'", "close the parentheses with ')'")

    def _name(self, kind: str, *, first: bool) -> tuple[str, _Token]:
        """``size=`` or, for the first one, nothing."""
        known, token = KINDS[kind], self.token
        if token.kind == "number":
            if not first:
                self._fault(token, "a value without a name", f"name=value: {listed(known)}", "say what it is")
            return next(iter(known)), token
        self._next()
        if token.kind != "word":
            self._fault(token, f"{token} in the place of a parameter", f"one of: {listed(known)}", "write name=value")
        name = token.text.lower()
        if name not in known:
            spelt = [f"{key}={name}" for key, parameter in known.items() if name in parameter.words]
            hint = f"did you mean {spelt[0]}? " if spelt else did_you_mean(name, known)
            self._fault(token, f"{kind} has no such parameter", f"one of: {listed(known)}", f"{hint}change the name")
        self._want("sign", "=", f"= and a value after {name}")
        return name, token

    def _value(self, parameter: Parameter, name: str) -> Any:
        token = self._next()
        value = parameter.read(token.text)
        if value is None:
            hint = did_you_mean(token.text, parameter.words)
            self._fault(token, f"{token} as {name}", parameter.told, f"{hint}change it")
        return value

    def _check_count(self, count: int, token: _Token) -> None:
        if count > MOST_LAYERS:
            told = f"{count:,}" if count < 10**9 else "very many"
            self._fault(token, f"{told} layers", f"at most {MOST_LAYERS} in all", "repeat fewer times")

    def _next(self) -> _Token:
        token = self.token
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def _want(self, kind: str, text: str, expected: str) -> None:
        token = self.token
        if token.kind != kind or (kind == "sign" and token.text != text):
            fix = "add -> before it" if token.kind == "word" or token.text == "[" else "change it there"
            fix = "write what is meant: a pattern has no optional layers" if token.text == "?" else fix
            self._fault(token, f"{token} is not expected here", expected, fix)
        self._next()

    def _fault(self, token: _Token, what: str, expected: str, fix: str) -> NoReturn:
        raise fault(self.text, (token.start, token.end), what, expected=expected, fix=fix)


def fault(text: str, place: tuple[int, int], what: str, *, expected: str, fix: str) -> PlanError:
    """The error for a pattern that does not parse, with the place shown."""
    found = f"a pattern that does not parse at letter {place[0] + 1}:{shown(text, *place, what)}"
    return PlanError(found, expected=expected, fix=fix)


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        yield _Token(str(match.lastgroup), match.group(), *match.span())
    end = len(text.rstrip())
    yield _Token("end", "", end, end)


def _check_order(layers: Iterable[Layer]) -> None:
    """Maps first, then units, and FC at the end."""
    *_, last = layers
    dense = None
    for layer in layers:
        place = layer.start, layer.end
        if layer.kind == "FC":
            dense = layer
        elif dense and layer.kind in ("CONV", "POOL"):
            what = f"{layer.kind} after {dense.written}, which leaves no map"
            expected = "every CONV and POOL before the first FC"
            raise fault(layer.text, place, what, expected=expected, fix=f"move it before {dense.written}")
    if last.kind != "FC":
        what = f"{last.kind} as the last layer"
        expected = "FC as the last layer: it gives a score for each class"
        raise fault(last.text, (last.start, last.end), what, expected=expected, fix="add -> FC at the end")
