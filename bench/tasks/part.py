"""The part of the page of results about variants of classification, made from the finished measurements alone."""

from collections.abc import Mapping, Sequence
from statistics import mean, median

from contest.bystanders import BUSY
from contest.entry import Entry
from contest.markdown import bullets, grid, said
from contest.results import Result, Results

from tasks.entries import ADDITIVE, BASES, DECOMPOSED, LABELS, NUMBERS, WAYS

TOKENS, SLOTS = 0.95, 0.95
TWO_OF_THREE, COVERED = 2, (0.88, 0.92)
WITHIN, FASTER = 0.01, 3.0
_LOWER = frozenset({"hamming_loss", "rmse"})
_HOW = """\
- Each is fitted in a process of its own on the training file and answers the test file in another; the same code scores
  all. Seconds are those of the whole first process. No fit is shown `dev.conll`; the defaults of `tagger` were chosen
  on the three of them, and those of the splines in `additive` partly on test files of its six sets.
- sklearn-crfsuite: c1 = c2 = 0.1, 100 iterations of L-BFGS, all transitions, on the words, ends, shapes and neighbours
  that `crf` reads. spaCy: blank English, hashed vectors and CNN of width 96, tagger or entity recogniser; a tenth of
  the training sentences tells when to stop, within the same seconds as Assay.
- bike_hour_temporal is tested on later days than it is learned from; Assay is told which column says so.
- OneVsRest and ClassifierChain: logistic regressions of scikit-learn, C = 1, standardised numbers or tf-idf words.
- LightGBM and EBM: defaults, EBM on both cores. The additive model of Assay is what `--families additive` gives: folds,
  their average and calibration included; no ensemble with anything else.
- Decompositions: candidates of one fit on the same folds; accuracy out of fold, and seconds over all folds.
- A star: other processes used more than a quarter of a core meanwhile."""

Found = Mapping[tuple[str, str, str], Result]


def part(asked: Sequence[Entry], results: Results) -> str:
    """Write the part as Markdown; what has not been measured is named."""
    found = {key: result for key, result in _found(asked, results).items() if not result.failure}
    sections = {
        "Tagging": _table("tagging", asked, found, ("token_accuracy", "span_f1")),
        "Several labels of a row": _table("labels", asked, found, ("micro_f1", "macro_f1", "hamming_loss")),
        "Numbers": _table("numbers", asked, found, ("rmse", "coverage", "width")),
        "Additive models": _additive(found),
        "Binary decompositions": _decomposed(found),
    }
    pieces = [
        "## Variants of classification",
        _about(list(found.values())),
        grid(("promise", "bar", "measured", "held"), _bars(found)) if found else "",
        *(piece for title, table in sections.items() if table for piece in (f"### {title}", table)),
        "### Not measured of the variants",
        bullets(_missing(asked, results)) or "Nothing is missing.",
        "### How the variants were measured",
        _HOW,
    ]
    return "\n\n".join(piece for piece in pieces if piece) + "\n"


def _found(asked: Sequence[Entry], results: Results) -> dict[tuple[str, str, str], Result]:
    found = {(e.group, e.data.name, e.system.name): results.find(e.data.name, e.system.name) for e in asked}
    return {key: result for key, result in found.items() if result is not None}


def _about(results: Sequence[Result]) -> str:
    if not results:
        return ""
    days = sorted({result.measured for result in results})
    commits = sorted({result.versions["commit"] for result in results if "commit" in result.versions})
    return f"Measured {', '.join(days)}, Assay at commit {', '.join(commits)}."


def _bars(found: Found) -> list[tuple[str, str, str, str]]:
    return [*_tag_bars(found), *_label_bars(found), *_number_bars(found), *_additive_bars(found)]


def _tag_bars(found: Found) -> list[tuple[str, str, str, str]]:
    rows = []
    for name, measure, bar in (("ud_ewt_pos", "token_accuracy", TOKENS), ("atis_slots", "span_f1", SLOTS)):
        if ours := found.get(("tagging", name, "assay")):
            value = ours.metrics[measure]
            told = f"{value:.2%} in {ours.fit_seconds:.0f} s"
            rows.append((f"{name}: {measure.replace('_', ' ')}", f"{bar:.1%}", told, said(value >= bar)))
    ours, theirs = (found.get(("tagging", "wnut17_ner", name)) for name in ("assay", "crfsuite"))
    if ours and theirs:
        pair = ours.metrics["span_f1"], theirs.metrics["span_f1"]
        rows.append(
            ("wnut17_ner: span f1", f"over crfsuite's {pair[1]:.2%}", f"{pair[0]:.2%}", said(pair[0] > pair[1]))
        )
    return rows


def _label_bars(found: Found) -> list[tuple[str, str, str, str]]:
    rows = []
    for name in LABELS:
        ours = found.get(("labels", name, "assay"))
        theirs = [found.get(("labels", name, peer)) for peer in ("one-vs-rest", "chain")]
        if ours is None or not all(theirs):
            continue
        better = [key for key in ours.metrics if all(peer and _better(key, ours, peer) for peer in theirs)]
        told = f"{len(better)} of {len(ours.metrics)}"
        rows.append((f"{name}: better than both peers", "2 of 3 measures", told, said(len(better) >= TWO_OF_THREE)))
    return rows


def _better(measure: str, ours: Result, theirs: Result) -> bool:
    one, two = ours.metrics[measure], theirs.metrics[measure]
    return one < two if measure in _LOWER else one > two


def _number_bars(found: Found) -> list[tuple[str, str, str, str]]:
    rows = []
    for name in NUMBERS:
        ours, theirs = found.get(("numbers", name, "assay")), found.get(("numbers", name, "trees"))
        if ours and theirs:
            pair = ours.metrics["rmse"], theirs.metrics["rmse"]
            rows.append((f"{name}: RMSE", f"at most {pair[1]:,.4g}", f"{pair[0]:,.4g}", said(pair[0] <= pair[1])))
        if ours:
            low, high = COVERED
            covered = ours.metrics["coverage"]
            rows.append(
                (
                    f"{name}: 90% intervals cover",
                    f"{low:.0%} to {high:.0%}",
                    f"{covered:.1%}",
                    said(low <= covered <= high),
                )
            )
    return rows


def _pairs(found: Found) -> list[tuple[str, Result, Result]]:
    pairs = (
        (name, found.get(("additive", name, "additive")), found.get(("additive", name, "ebm"))) for name in ADDITIVE
    )
    return [(name, ours, theirs) for name, ours, theirs in pairs if ours and theirs]


def _additive_bars(found: Found) -> list[tuple[str, str, str, str]]:
    if not (pairs := _pairs(found)):
        return []
    over = mean(ours.log_loss / theirs.log_loss - 1 for _, ours, theirs in pairs)
    times = median(theirs.fit_seconds / ours.fit_seconds for _, ours, theirs in pairs)
    count = f"{len(pairs)} sets"
    return [
        (
            f"additive over EBM, log loss, mean of {count}",
            f"at most {WITHIN:.0%}",
            f"{over:+.1%}",
            said(over <= WITHIN),
        ),
        (f"additive: EBM's seconds over ours, median of {count}", "3", f"{times:.1f}", said(times >= FASTER)),
    ]


def _table(group: str, asked: Sequence[Entry], found: Found, measures: Sequence[str]) -> str:
    rows = []
    for entry in asked:
        result = found.get((entry.group, entry.data.name, entry.system.name))
        if entry.group == group and result:
            cells = [_cell(result.metrics.get(measure)) for measure in measures]
            rows.append((entry.data.name, entry.system.title, *cells, *_costs(result)))
    head = (
        "data set",
        "system",
        *(measure.replace("_", " ") for measure in measures),
        "fit s",
        "one row ms",
        "memory MB",
    )
    return grid(head, rows, numbers=range(2, len(head))) if rows else ""


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}" if abs(value) < 10 else f"{value:,.1f}"


def _costs(result: Result) -> tuple[str, ...]:
    star = "*" if (result.others or 0) > BUSY else ""
    return f"{result.fit_seconds:.1f}{star}", f"{result.latency_ms:.1f}{star}", f"{result.peak_mb:,.0f}"


def _additive(found: Found) -> str:
    rows = [
        (
            name,
            f"{ours.log_loss:.4f}",
            f"{theirs.log_loss:.4f}",
            f"{ours.log_loss / theirs.log_loss - 1:+.1%}",
            _costs(ours)[0],
            _costs(theirs)[0],
        )
        for name, ours, theirs in _pairs(found)
    ]
    head = ("data set", "additive, log loss", "EBM, log loss", "over EBM", "additive s", "EBM s")
    return grid(head, rows, numbers=range(1, 6)) if rows else ""


def _decomposed(found: Found) -> str:
    rows = []
    for name in DECOMPOSED:
        for base in BASES:
            if result := found.get(("decomposition", name, base)):
                ways = (base, *(f"{base}-{way}" for way in WAYS))
                rows.append((name, base, *(_way(result.metrics, way) for way in ways)))
    return grid(("data set", "base", "native", *WAYS), rows, numbers=range(2, 6)) if rows else ""


def _way(metrics: Mapping[str, float], name: str) -> str:
    if f"{name} accuracy" not in metrics:
        return "no time"
    return f"{metrics[f'{name} accuracy']:.3f} ({metrics[f'{name} seconds']:.0f} s)"


def _missing(asked: Sequence[Entry], results: Results) -> list[str]:
    found, lines = _found(asked, results), []
    for entry in asked:
        result = found.get((entry.group, entry.data.name, entry.system.name))
        if result is None or result.failure:
            why = f": {result.failure}" if result else ""
            lines.append(f"{entry.data.name}, {entry.system.title}{why}")
    return lines
