"""What a person reads on the terminal after a command: short, with the numbers that count."""

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from assay.api._run import Evaluation, Run
from assay.cli import _networks as networks
from assay.cli._answers import plain
from assay.cli._objects import best_single, majority_score, majority_share, sizes
from assay.fitting.bakeoff import Bakeoff
from assay.fitting.evidence import Trial
from assay.fitting.plan import Plan
from assay.report import _words as words
from assay.report._facts import MAJORITY, Facts, gather
from assay.tasks._base import Form

_MOST_CLASSES = 8
_MOST_COLUMNS = 12
_NOUNS = {Form.CLASSES: "class", Form.LABELS: "label", Form.TAGS: "tag"}
_NUMBERS = ("score", "time", "weight", "missing", "learns", "frozen", "activations", "parameters", "size")


class Screen:
    """Lines and tables on stderr; nothing in them is taken for markup, so data cannot dress up as ours."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)

    def fitted(self, run: Run, data: str) -> None:
        """The summary after a fit."""
        facts = gather(run)
        self._line(_data_line(facts))
        self._notices(facts.about["notices"])
        self._leaderboard(facts)
        self._line(_worth(facts), style="bold")
        size, seconds = _bytes(sizes(run.path)["total"]), words.seconds(facts.evidence.seconds)
        self._line(f"\nThe run is in {run.path} ({size}, fitted in {seconds}).")
        self._next(_next_commands(run.path, data))

    def evaluated(self, found: Evaluation) -> None:
        """The scores on other rows."""
        self._notices(found.notices)
        table = _table("metric", "score", title=f"{words.rows(found.rows)}")
        for name, value in sorted(found.metrics.items(), key=lambda entry: entry[0] != found.metric):
            table.add_row(words.metric_title(name), _value(name, value), style="bold" if name == found.metric else "")
        self.console.print(table)
        if "confusion" in found.details and len(found.classes) <= _MOST_CLASSES:
            self._confusion(found)
        low, high = (_value(found.metric, bound) for bound in found.interval)
        title = words.metric_title(found.metric)
        self._line(f"{title} {_value(found.metric, found.metrics[found.metric])} ({low} to {high} with 95% certainty)")

    def inspected(self, run: Run) -> None:
        """Everything that a run knows of itself."""
        facts, plan = gather(run), run.plan
        budget = words.seconds(plan.seconds) if plan.seconds else "without limit"
        self._line(f"{run.path}: {facts.about['target']} from {facts.about['source']}", style="bold")
        self._line(
            f"{plan.task}, best {words.metric_title(plan.metric)}, {words.plural(plan.folds, 'fold')} ({plan.scheme}), "
            f"time {budget}, seed {plan.seed}, {words.plural(plan.threads, 'thread')}"
        )
        self._line(_data_line(facts))
        self._notices(note for note in facts.about["notices"] if not note.startswith("column "))
        self._columns(facts.about["columns"])
        self._leaderboard(facts)
        self._families(plan)
        self._networks(facts)
        self._line(_worth(facts), style="bold")
        self._line(_against(facts))
        self._line(_decision(facts, run.model.calibration))
        self._line("on disk: " + ", ".join(f"{name} {_bytes(size)}" for name, size in sizes(run.path).items()))

    def compared(self, found: Bakeoff) -> None:
        """A bake-off, the best first; what may be as good as the best is in bold."""
        title = f"{words.rows(found.rows)} tested in the same {words.plural(found.folds, 'fold')}"
        metric = words.metric_title(found.metric)
        table = _table("run", "model", metric, "95%", "time", "parameters", "size", title=title)
        for one in found.contenders:
            low, high = (_value(found.metric, bound) for bound in one.interval)
            table.add_row(
                _cell(one.run),
                _cell(one.name),
                _value(found.metric, one.score),
                f"{low} to {high}",
                words.seconds(one.seconds),
                words.count(one.parameters) if one.parameters else words.DASH,
                _bytes(one.size),
                style="bold" if one.is_tied else "",
            )
        self.console.print(table)
        self._line("bold: the best, and what may be as good by a paired bootstrap (95%)", style="dim")

    def _columns(self, columns: Sequence[dict[str, Any]]) -> None:
        table = _table("column", "kind", "role", "missing", "why", title="Columns")
        for column in columns:
            role, missing = column["role"], column.get("missing", 0)
            told = (column["name"], column["kind"], role, words.count(missing) if missing else "", column["reason"])
            table.add_row(*map(_cell, told), style="dim" if role == "dropped" else "")
        self.console.print(table)

    def _leaderboard(self, facts: Facts) -> None:
        metric = facts.metric
        table = _table("model", words.metric_title(metric.name), "time", "weight", title="Leaderboard")
        low, high = (_value(metric.name, bound) for bound in facts.evidence.interval)
        members = sum(trial.weight > 0 for trial in facts.evidence.trials)
        name = f"all together ({words.plural(members, 'member')})"
        whole = (name, f"{_value(metric.name, facts.evidence.score)}  ({low} to {high})")
        table.add_row(*whole, words.seconds(facts.evidence.seconds), "", style="bold green")
        for trial in _by_score(facts):
            told = (trial.name, _value(metric.name, trial.score), words.seconds(trial.seconds), _weight(trial))
            table.add_row(*map(_cell, told), style="yellow" if trial.family == MAJORITY else "")
        self.console.print(table)
        for trial in facts.evidence.trials:
            if trial.score is None:
                self._line(f"  {trial.name} was not fitted: {trial.status}", style="dim")

    def _families(self, plan: Plan) -> None:
        for family, reason in plan.chosen.items():
            self._line(f"  {family} was tried: {reason}", style="dim")
        for family, reason in plan.left_out.items():
            self._line(f"  {family} was not tried: {reason}", style="dim")

    def _networks(self, facts: Facts) -> None:
        for trial in facts.evidence.trials:
            if not trial.training:
                continue
            header, *lines = networks.layers(trial) or [["layer"]]
            table = _table(*header, title=f"{trial.name}: layers, before training")
            for line in lines:
                table.add_row(*map(_cell, line), style="bold" if line is lines[-1] else "")
            self.console.print(table)
            for sentence in networks.health(trial):
                self._line(f"  {sentence}")

    def _confusion(self, found: Evaluation) -> None:
        table = _table("true class", *(f"said {_cell(label)}" for label in found.classes), title="Decisions")
        for label, counts in zip(found.classes, found.details["confusion"], strict=True):
            table.add_row(_cell(label), *map(words.count, counts))
        self.console.print(table)

    def _notices(self, notices: Iterable[str]) -> None:
        for notice in notices:
            self._line(f"  {notice}", style="dim")

    def _next(self, commands: Sequence[tuple[str, str]]) -> None:
        widest = max(len(command) for command, _ in commands)
        for command, what in commands:
            self._line(f"  {command:<{widest}}   {what}")

    def _line(self, text: str, style: str | None = None) -> None:
        self.console.print(plain(text), style=style, markup=False, highlight=False, soft_wrap=True)


def _table(*headings: str, title: str) -> Table:
    from rich import box
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, title=Text(title), title_justify="left", title_style="bold")
    for heading in headings:
        right = heading in _NUMBERS or heading.startswith("said ")
        table.add_column(Text(heading), justify="right" if right else "left", overflow="fold")
    return table


def _cell(text: str) -> str:
    from rich.markup import escape

    return escape(words.short(plain(text), 48))


def _data_line(facts: Facts) -> str:
    about = facts.about
    features = [column for column in about["columns"] if column["role"] == "feature"]
    named = [f"{words.short(column['name'], 24)} ({column['kind']})" for column in features[:_MOST_COLUMNS]]
    others = f" and {len(features) - _MOST_COLUMNS} more" if len(features) > _MOST_COLUMNS else ""
    return (
        f"{words.rows(about['rows'])}{_classes(facts)}\n"
        f"{words.plural(len(features), 'column')} to learn from: {', '.join(named)}{others}"
    )


def _classes(facts: Facts) -> str:
    """Classes, labels or tags with their shares of the rows; nothing for numbers."""
    noun = _NOUNS.get(facts.task.form)
    if noun is None:
        return ""
    counts = sorted(facts.about["classes"].items(), key=lambda entry: -entry[1])
    total = max(1, facts.about["labelled"])
    shares = [f"{words.short(label, 24)} {words.percent(count / total)}" for label, count in counts[:_MOST_CLASSES]]
    more = f", {len(counts) - _MOST_CLASSES} more" if len(counts) > _MOST_CLASSES else ""
    return f", {words.plural(len(counts), noun)}: {', '.join(shares)}{more}"


def _worth(facts: Facts) -> str:
    """The score with its interval, and that of the majority baseline; for classes also the accuracies."""
    evidence, name = facts.evidence, facts.metric.name
    low, high = (_value(name, bound) for bound in evidence.interval)
    said = f"{words.metric_title(name)} {_value(name, evidence.score)} ({low} to {high} with 95% certainty)"
    if facts.task.form is not Form.CLASSES:
        return f"{said}, the baseline ({facts.baseline}) gives {_value(name, majority_score(facts))}"
    if name != "accuracy":
        said += f"; accuracy {words.percent(evidence.scores['accuracy'])}"
    return f"{said}, the majority class alone gives {words.percent(majority_share(facts))}"


def _against(facts: Facts) -> str:
    name, best = facts.metric.name, best_single(facts)
    majority = f"the majority baseline has {_value(name, majority_score(facts))}"
    if best is None:
        return f"{words.metric_title(name)}: {majority}"
    return f"{words.metric_title(name)}: the best single model, {best.name}, has {_value(name, best.score)}; {majority}"


def _decision(facts: Facts, calibration: tuple[float, ...]) -> str:
    if facts.task.form is not Form.CLASSES:
        return "outputs are calibrated" if calibration else "outputs are left as they are"
    warmth = f"at temperature {calibration[0]:.3g}" if calibration else "as they are"
    if not facts.is_binary:
        return f"probabilities {warmth}; the most probable class is decided"
    threshold = 0.5 if facts.rule.threshold is None else facts.rule.threshold
    return f"probabilities {warmth}; {facts.labels[1]!r} is decided from a probability of {threshold:.3g} on"


def _next_commands(run: Path, data: str) -> list[tuple[str, str]]:
    place, suffix = shlex.quote(str(run)), _ending(data) or ".csv"
    return [
        (f"assay report {place}", "a page to read and share"),
        (f"assay evaluate {place} TEST{suffix}", "its worth on other labelled rows"),
        (f"assay predict {place} NEW{suffix} -o labelled.csv", "labels for new rows"),
        (f"assay inspect {place}", "all that is known of it"),
    ]


def _ending(data: str) -> str:
    """``.csv``, or ``.csv.gz`` where a file is packed."""
    suffixes = Path(data).suffixes
    return "".join(suffixes[-2:] if data.endswith(".gz") else suffixes[-1:])


def _by_score(facts: Facts) -> list[Trial]:
    there = [trial for trial in facts.evidence.trials if trial.score is not None]
    return sorted(there, key=lambda trial: facts.metric.loss(trial.score or 0.0))


def _weight(trial: Trial) -> str:
    return words.percent(trial.weight) if trial.weight > 0 else words.DASH


def _value(metric: str, score: float | None) -> str:
    """Accuracy in per cent, all else as a number."""
    return words.percent(score) if metric == "accuracy" and score is not None else words.score(score)


def _bytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
