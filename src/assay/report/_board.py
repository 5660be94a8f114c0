"""The leaderboard: every candidate, what it scored and cost, and what it counts for in the ensemble."""

from collections.abc import Mapping
from itertools import cycle
from typing import Any

from assay.fitting.evidence import Trial
from assay.report import _words as words
from assay.report._charts import INK, PALETTE, chart, coloured, values
from assay.report._facts import MAJORITY, Facts
from assay.report._section import Chart, Section


def section(facts: Facts) -> Section:
    """The table, best first, and a picture of score against time."""
    trials = _ranked(facts)
    members = [trial for trial in trials if trial.weight > 0]
    shown = {
        "metric": words.metric_title(facts.metric.name),
        "better": "higher is better" if facts.metric.greater_is_better else "lower is better",
        "rows": [_ensemble(facts, len(members)), *(_row(facts, trial) for trial in trials)],
    }
    drawn = [trial for trial in trials if trial.score is not None and trial.family != MAJORITY]
    charts = {"times": _chart(facts, drawn)} if drawn else {}
    return Section("board", "Leaderboard", "Leaderboard", _said(facts, trials, members), charts, shown)


def _ranked(facts: Facts) -> list[Trial]:
    """Fitted candidates by score, then those that were not fitted."""

    def place(trial: Trial) -> tuple[bool, float]:
        return trial.score is None, facts.metric.loss(trial.score or 0.0)

    return sorted(facts.evidence.trials, key=place)


def _said(facts: Facts, trials: list[Trial], members: list[Trial]) -> tuple[str, ...]:
    fitted = sum(1 for trial in trials if trial.score is not None)
    said = [f"{fitted} of {words.plural(len(trials), 'candidate')} {'was' if fitted == 1 else 'were'} fitted."]
    best = next((trial for trial in trials if trial.score is not None), None)
    if len(members) == 1:
        said.append(f"The model is ‘{members[0].name}’ alone: adding any other did not help.")
    elif members:
        heaviest = max(members, key=lambda trial: trial.weight)
        share = words.percent(heaviest.weight)
        said.append(f"The model mixes {len(members)} of them; ‘{heaviest.name}’ counts most, with {share}.")
    if best is not None:
        said.append(f"The best on its own is ‘{best.name}’ with {words.score(best.score)}.")
    if facts.metric.tunes_rule:
        said.append("A candidate is shown at its own best threshold, the ensemble at one chosen on other folds.")
    return tuple(said)


def _ensemble(facts: Facts, members: int) -> Mapping[str, Any]:
    evidence = facts.evidence
    low, high = map(words.score, evidence.interval)
    return {
        "name": "The model",
        "family": words.plural(members, "member"),
        "score": words.score(evidence.score),
        "seconds": words.seconds(evidence.seconds),
        "weight": 1.0,
        "weight_text": "100%",
        "notes": f"95% interval {low} to {high}; seconds of the whole fit",
        "look": "ours",
    }


def _row(facts: Facts, trial: Trial) -> Mapping[str, Any]:
    fitted = trial.score is not None
    baseline = trial.family == MAJORITY
    facts_told = [_settings(trial.settings), _notes(trial.notes)] if fitted else [trial.status]
    if baseline:
        facts_told.insert(0, facts.baseline)
    return {
        "name": trial.name,
        "family": trial.family,
        "score": words.score(trial.score),
        "seconds": words.seconds(trial.seconds) if fitted else words.DASH,
        "weight": trial.weight,
        "weight_text": words.percent(trial.weight) if trial.weight > 0 else words.DASH,
        "notes": "; ".join(filter(None, facts_told)),
        "look": "baseline" if baseline else "" if fitted else "unfitted",
    }


def _settings(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}: {_value(value)}" for key, value in settings.items())


def _notes(notes: tuple[Mapping[str, Any], ...]) -> str:
    """What the folds noted: one value where they agree, a range or a short list where they do not."""
    keys = dict.fromkeys(key for entry in notes for key in entry)
    return ", ".join(f"{key}: {_span([entry[key] for entry in notes if key in entry])}" for key in keys)


def _span(found: list[Any]) -> str:
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in found):
        low, high = words.compact(min(found)), words.compact(max(found))
        return low if low == high else f"{low} to {high}"
    different = list(dict.fromkeys(map(_value, found)))
    return " / ".join(different[:3]) + (" / …" if len(different) > 3 else "")


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "+".join(map(str, value))
    return words.compact(value) if isinstance(value, float) else words.short(str(value), 60)


def _chart(facts: Facts, trials: list[Trial]) -> Chart:
    import altair as alt

    families = list(dict.fromkeys(trial.family for trial in facts.evidence.trials if trial in trials))
    legend = dict(zip(families, cycle(PALETTE), strict=False))
    data = [
        {"name": trial.name, "family": trial.family, "seconds": max(trial.seconds, 1e-3), "score": trial.score}
        for trial in trials
    ]
    title = words.metric_title(facts.metric.name)
    dots = (
        alt.Chart(values(data))
        .mark_circle(size=110, opacity=0.9)
        .encode(
            x=alt.X("seconds:Q", title="seconds to fit, all folds (log scale)")
            .axis(grid=False, tickCount=4, labelFlush=False)
            .scale(type="log", padding=24),
            y=alt.Y("score:Q", title=title).axis(tickCount=5).scale(zero=False, padding=12),
            color=coloured("family", legend),
            tooltip=[
                "name:N",
                "family:N",
                alt.Tooltip("score:Q", format=".4f"),
                alt.Tooltip("seconds:Q", format=".2f"),
            ],
        )
    )
    line = (
        alt.Chart(values([{"score": facts.evidence.score, "text": "the model"}]))
        .mark_rule(strokeDash=[4, 4], color=INK)
        .encode(y="score:Q")
    )
    name = line.mark_text(align="left", baseline="bottom", dy=-3, x=4).encode(text="text:N")
    caption = (
        f"{title.capitalize() if title.islower() else title} of each candidate against its seconds; the dashed line is "
        "the model. The majority baseline is left out of the picture."
    )
    return chart("times", alt.layer(dots, line, name), caption, height=300, legend=legend)
