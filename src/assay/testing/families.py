"""What every family must do, whoever wrote it: each check takes the class and raises `AssertionError` on a breach.

The tables that they run on are made up: a target of each form that the family serves, which a word, a number and a
category each tell in part, beside a column of each other kind, gaps included.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from assay.core.arrays import AnyArray, BoolArray, FloatArray
from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime, RunError
from assay.core.state import State, Text, read_state, write_state
from assay.families._base import Family, Fitted, Learning, Predictor
from assay.features._base import Matrix, Target
from assay.features._encoding import Encoding
from assay.tasks._base import Form, Task
from assay.testing._examples import ALL, CASES, Example, case, cases, example, gaps_only, no_columns

_LATEST = 1.0
_LEAST_OUTPUT = 1e-9

Check = Callable[[type[Family]], None]


def learning(kind: type[Family], given: Example) -> Learning:
    """What a family is given to learn from an example, by its own recipe; rows count alike."""
    family = kind()
    recipe = family.recipe(given.data.schema, given.task, _settings(kind))
    target = Target(given.y, len(given.task.labels), given.task.form)
    encoding, train = Encoding.fit(recipe, given.data, given.train, target)
    return Learning(
        task=given.task,
        train=train,
        y=given.y[given.train],
        weight=np.ones(len(given.train)),
        valid=encoding.transform(given.data, given.valid),
        valid_y=given.y[given.valid],
        valid_weight=np.ones(len(given.valid)),
        seed=7,
        threads=1,
    )


def check_outputs(kind: type[Family]) -> None:
    """Outputs are (n, k) finite numbers; probabilities are never certain, and those of classes sum to one."""
    for name in cases(kind.forms):
        given, fitted = _fitted(kind, name)
        _check_outputs(fitted.predictor.predict(given.valid), len(given.valid), given.task)


def check_learns(kind: type[Family]) -> None:
    """On rows that it has not seen it beats the majority baseline, if it is not one, by a fifth of the loss."""
    for name in cases(kind.forms):
        given, fitted = _fitted(kind, name)
        prior = np.tile(given.task.prior(given.y, given.weight), (len(given.valid), 1))
        both = (fitted.predictor.predict(given.valid), prior)
        loss, chance = (float(given.task.row_loss(given.valid_y, outputs).mean()) for outputs in both)
        _expect(loss < (chance + 1e-9 if kind.baseline else 0.8 * chance), f"loss {loss:.3f}, chance {chance:.3f}")


def check_determinism(kind: type[Family]) -> None:
    """The same rows, settings and seed give the same predictor, bit for bit, and no global draw is used up."""
    given, fitted = _fitted(kind, _first(kind))
    before = _global_draws()
    again = kind().fit(given, _settings(kind))
    _expect(before == _global_draws(), "the fit used up draws of NumPy's or torch's global generators")
    _same_state(fitted.predictor, again.predictor, "two fits differ")


def check_fixed(kind: type[Family]) -> None:
    """With what a fit has fixed, it can be made again without the clock and without the validation labels."""
    given, fitted = _fitted(kind, _last(kind))
    _expect(fitted.fixed.keys() <= kind.defaults.keys(), f"{sorted(fitted.fixed)} are not all settings")
    _expect(json.loads(json.dumps(dict(fitted.fixed))) == dict(fitted.fixed), "fixed settings that JSON changes")
    blind = replace(given, valid_y=given.valid_y[::-1].copy(), deadline=Deadline())
    again = kind().fit(blind, {**_settings(kind), **json.loads(json.dumps(dict(fitted.fixed)))})
    _same_state(fitted.predictor, again.predictor, "the fit from fixed settings differs")


def check_deadline(kind: type[Family]) -> None:
    """A fit that the clock cuts ends soon, with a predictor that can be made again, or says that it has no time."""
    short, _ = _fitted(kind, _last(kind))  # what is loaded by the first fit of a process is not the clock's
    for rows, seconds in ((160, 0.0), (160, 0.05), (3_000, 0.3)):
        given = short if rows == len(short.y) + len(short.valid_y) else _long(kind, rows)
        started = time.monotonic()
        try:
            fitted = kind().fit(replace(given, deadline=Deadline.after(seconds)), _settings(kind))
        except NotEnoughTime as reason:
            _expect(not kind.baseline and " " in str(reason), f"{str(reason)!r} is no plain reason")
            fitted = None
        late = time.monotonic() - started - seconds
        _expect(late < _LATEST, f"{late:.1f} s after a deadline of {seconds} s for {rows} rows")
        if fitted:
            _check_outputs(fitted.predictor.predict(given.valid), len(given.valid), given.task)
            again = kind().fit(given, {**_settings(kind), **fitted.fixed})
            _same_state(fitted.predictor, again.predictor, "a fit that the clock cut cannot be made again")


def check_cut(kind: type[Family]) -> None:
    """Wherever the clock cuts a fit, what it has fixed makes the same predictor again."""
    given, _ = _fitted(kind, _last(kind))
    settings = _settings(kind, batch=8)  # many steps in an epoch
    for looks in (0, 1, 2, 3, 5, 8):
        try:
            fitted = kind().fit(replace(given, deadline=_Looks(looks)), settings)
        except NotEnoughTime:
            continue
        again = kind().fit(given, {**settings, **fitted.fixed})
        _same_state(fitted.predictor, again.predictor, f"a fit cut after {looks} looks at the clock differs")


def check_weights(kind: type[Family]) -> None:
    """Rows that weigh more pull the outputs towards their target."""
    for name in {_first(kind), _last(kind)}:
        given, fitted = _fitted(kind, name)
        if given.task.form is Form.TAGS:
            given = _apart(given)
            fitted = kind().fit(given, _settings(kind))
        heavy = np.where(_high(given.y), 10.0, 1.0)
        heavy_valid = np.where(_high(given.valid_y), 10.0, 1.0)
        pulled = kind().fit(replace(given, weight=heavy, valid_weight=heavy_valid), _settings(kind))
        column = 0 if given.task.form in (Form.LABELS, Form.NUMBERS) else 1
        before, after = (one.predictor.predict(given.valid)[:, column].mean() for one in (fitted, pulled))
        _expect(after > before + 0.01, f"ten times the weight moved the mean output from {before:.3f} to {after:.3f}")


def check_missing_class(kind: type[Family]) -> None:
    """A class that no training row has leaves the others right and its log loss finite."""
    if Form.CLASSES not in kind.forms:
        return
    full = case("four classes")
    given = learning(kind, replace(full, train=full.train[full.y[full.train] != 2]))
    outputs = kind().fit(given, _settings(kind)).predictor.predict(given.valid)
    _check_outputs(outputs, len(given.valid), given.task)
    _expect(bool((outputs.argmax(axis=1) != 2).all()), "a class that was never seen is the most probable one")


def check_small(kind: type[Family]) -> None:
    """Twelve rows, or one column, or nothing but gaps are learned from as well as may be."""
    if Form.CLASSES not in kind.forms:
        return
    for given in (example(rows=12), *(example(rows=60, columns=(name,)) for name in ALL), gaps_only()):
        if kind().refusal(given.data.schema, given.task, 1_000) is not None:
            continue
        ready = learning(kind, given)
        outputs = kind().fit(ready, _settings(kind, epochs=4)).predictor.predict(ready.valid)
        _check_outputs(outputs, len(ready.valid), ready.task)


def check_one_row(kind: type[Family]) -> None:
    """A row alone, or a sequence, gets the outputs that it gets among many, to 1e-6."""
    given, fitted = _fitted(kind, _last(kind))
    outputs, sequence = fitted.predictor.predict(given.valid), given.valid.sequence
    for row in (0, len(outputs) // 2, len(outputs) - 1):
        rows = np.array([row]) if sequence is None else np.flatnonzero(sequence == sequence[row])
        alone = fitted.predictor.predict(given.valid.rows(rows))
        _expect(np.allclose(alone, outputs[rows], rtol=0, atol=1e-6), f"row {row} alone: {alone}, {outputs[rows]}")
    none = fitted.predictor.predict(given.valid.rows(np.zeros(0, np.int64)))
    _expect(none.shape == (0, outputs.shape[1]), f"no rows give outputs of the shape {none.shape}")


def check_inputs_untouched(kind: type[Family]) -> None:
    """Neither fitting nor predicting writes to what it is given."""
    given, _ = _fitted(kind, _first(kind))
    before = [array.copy() for array in _arrays(given)]
    kind().fit(given, _settings(kind)).predictor.predict(given.valid)
    same = [np.array_equal(old, new, equal_nan=True) for old, new in zip(before, _arrays(given), strict=True)]
    _expect(all(same), "an input array was written to")


def check_state(kind: type[Family]) -> None:
    """Through files and back, a predictor gives identical outputs."""
    for name in cases(kind.forms):
        given, fitted = _fitted(kind, name)
        again = kind.predictor.from_state(_through_files(fitted.predictor))
        one, two = fitted.predictor.predict(given.valid), again.predict(given.valid)
        _expect(np.array_equal(one, two), "the predictor that was read differs from the one that was written")


def check_damaged_state(kind: type[Family]) -> None:
    """A state with something missing, of another type or of another number of axes is refused with a `RunError`."""
    state = _through_files(_fitted(kind, _last(kind))[1].predictor)
    for path in _paths(state):
        _refused(kind.predictor, _changed(state, path, None), f"without {path}")
        value = _at(state, path)
        for wrong in _wrong(value):
            _refused(kind.predictor, _changed(state, path, wrong), f"in which {path} is {str(wrong)[:40]!r}")


def check_says(kind: type[Family]) -> None:
    """Variants are settings that exist, recipes name encoders, and reasons are plain words."""
    for columns in (ALL, *((name,) for name in ALL), ()):
        for n_classes, rows in ((2, 5), (2, 500), (40, 100_000)):
            given = example(n_classes, rows=max(40, n_classes), columns=columns) if columns else no_columns()
            schema, task = given.data.schema, given.task
            reason = kind().refusal(schema, task, rows)
            _expect(reason is None or (" " in reason and not reason.endswith(".")), f"{reason!r} is no plain reason")
            _expect(bool(columns) or kind.baseline or reason is not None, "it would learn from no column at all")
            for variant in kind().variants(schema, task, rows):
                _expect(variant.keys() <= kind.defaults.keys(), f"{sorted(variant)} are not all settings")
                _expect(bool(kind().recipe(schema, task, {**kind.defaults, **variant}).key), "a recipe without a key")


CHECKS: tuple[Check, ...] = (
    check_outputs,
    check_learns,
    check_determinism,
    check_fixed,
    check_deadline,
    check_cut,
    check_weights,
    check_missing_class,
    check_small,
    check_one_row,
    check_inputs_untouched,
    check_state,
    check_damaged_state,
    check_says,
)


class _Looks(Deadline):
    """Passes after so many looks at it, however fast the machine is."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        object.__setattr__(self, "_left", iter(range(looks)))

    @property
    def passed(self) -> bool:
        """Whether all looks are used up."""
        return next(self._left, None) is None  # type: ignore[attr-defined]


@cache
def _fitted(kind: type[Family], name: str) -> tuple[Learning, Fitted]:
    given = learning(kind, case(name))
    return given, kind().fit(given, _settings(kind))


def _first(kind: type[Family]) -> str:
    return cases(kind.forms)[0]


def _last(kind: type[Family]) -> str:
    """The case of classes with the most, or else the last one."""
    return cases(kind.forms & {Form.CLASSES} or kind.forms)[-1]


def _long(kind: type[Family], rows: int) -> Learning:
    """The last case with so many rows."""
    _, make = CASES[_last(kind)]
    return learning(kind, make(rows=rows, columns=("number", "category", "text", "picture")))


def _apart(given: Learning) -> Learning:
    """Each step as a sequence of its own, since only whole sequences weigh more or less."""

    def apart(matrix: Matrix, y: AnyArray) -> tuple[Matrix, AnyArray]:
        numbers = np.arange(len(y))
        return replace(matrix, sequence=numbers), np.stack([y[:, 0], numbers], axis=1)

    (train, y), (valid, valid_y) = apart(given.train, given.y), apart(given.valid, given.valid_y)
    return replace(given, train=train, y=y, valid=valid, valid_y=valid_y)


def _high(y: AnyArray) -> BoolArray:
    """Rows of class, label or tag 1 or 0, or with a number above the median."""
    first = y if y.ndim == 1 else y[:, 0]
    high: BoolArray = first > np.nanmedian(first) if np.issubdtype(y.dtype, np.floating) and y.ndim == 1 else first == 1
    return high


def _settings(kind: type[Family], **wanted: Any) -> Mapping[str, Any]:
    """The defaults, made small, and changed where the family has such a setting."""
    return {**kind.defaults, **kind.small, **{name: value for name, value in wanted.items() if name in kind.defaults}}


def _check_outputs(outputs: FloatArray, n: int, task: Task) -> None:
    shape = (n, len(task.labels))
    _expect(outputs.shape == shape and outputs.dtype == np.float64, f"{outputs.dtype} of the shape {outputs.shape}")
    _expect(bool(np.isfinite(outputs).all()), "outputs that are not finite")
    if task.form is Form.NUMBERS:
        return
    _expect(bool((outputs > _LEAST_OUTPUT).all()), f"an output of {outputs.min()}: the log loss would have no bound")
    if task.form is Form.LABELS:
        _expect(bool((outputs < 1 - _LEAST_OUTPUT).all()), "an output of 1: the log loss would have no bound")
    else:
        _expect(np.allclose(outputs.sum(axis=1), 1.0, rtol=0, atol=1e-6), "rows that do not sum to one")


def _global_draws() -> tuple[bytes, ...]:
    torch = sys.modules.get("torch")
    drawn = repr(np.random.get_state(legacy=False)["state"]).encode()
    return drawn, *([torch.get_rng_state().numpy().tobytes()] if torch else [])


def _arrays(given: Learning) -> list[AnyArray]:
    both = (given.train, given.valid)
    parts = [part for m in both for part in (m.dense, m.codes)]
    wide = [part for m in both if m.sparse is not None for part in (m.sparse.data, m.sparse.indices)]
    wide += [m.tokens.ids for m in both if m.tokens] + [m.pictures for m in both if m.pictures is not None]
    return [*parts, *wide, given.y, given.weight, given.valid_y, given.valid_weight]


def _through_files(predictor: Predictor) -> State:
    with tempfile.TemporaryDirectory() as folder:
        write_state(Path(folder), predictor.state(), small=True)
        return read_state(Path(folder))


def _same_state(one: Predictor, two: Predictor, otherwise: str) -> None:
    left, right = one.state(), two.state()
    _expect(_paths(left) == _paths(right), otherwise)
    for path in _paths(left):
        _expect(np.array_equal(_at(left, path), _at(right, path)), f"{otherwise} in {path}")


def _paths(value: Any, so_far: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where the leaves of a state are."""
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else None
    if inner is None:
        return [so_far]
    return [path for key, part in inner for path in _paths(part, (*so_far, key))]


def _at(state: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        state = state[key]
    return state


def _changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy with another leaf; None takes the key away."""
    if not path:
        return new
    key, *rest = path
    copied: Any = dict(value) if isinstance(value, Mapping) else list(value)
    if new is None and not rest and isinstance(copied, dict):
        del copied[key]
    else:
        copied[key] = _changed(copied[key], tuple(rest), new)
    return copied


def _wrong(value: Any) -> list[Any]:
    if isinstance(value, np.ndarray):
        return ["text", value[None], value.astype(np.complex128)]
    if isinstance(value, Text):
        return [7, Text(""), Text(value[: len(value) // 2]), Text("garbage " * 50)]
    return [[value], {"other": value}]


def _refused(kind: type[Predictor], state: Any, how: str) -> None:
    try:
        kind.from_state(state)
    except RunError:
        return
    except Exception as error:
        raise AssertionError(f"a state {how} gives {type(error).__name__}, not a RunError") from error
    raise AssertionError(f"a state {how} is accepted")


def _expect(right: bool, otherwise: str) -> None:
    if not right:
        raise AssertionError(otherwise)
