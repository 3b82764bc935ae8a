"""What a study's scores say: who is best, by how much, what matters, how fast."""

from collections.abc import Iterator, Mapping

from actscope.answers import Answer, Comparisons, Setting
from actscope.figures import Scale, colour
from actscope.pages import (
    Across,
    Block,
    Chart,
    Part,
    Prose,
    Row,
    Table,
    Upward,
    bands,
    brief,
    differences,
    short,
)
from actscope.pages import intervals as dots
from actscope.report._strata import drawn, evenly, heads, strata
from actscope.report._strata import treatment as first_level
from actscope.report._words import scale, seeds
from actscope.stats import Comparison, Interval

Names = Mapping[str, str]
_ROWS = 300  # of a table, and settings of a chart
_CURVES = 60  # settings with a learning curve
_TICKS = 6000  # single scores of a chart
_COMPARED, _FEW = 300, 100  # of more comparisons than 300 about 100 are drawn
_POINTS = 25  # epochs of a curve that are drawn


def colours(names: Names) -> dict[str, str]:
    """The colour of each choice as it is shown."""
    return {shown: colour(name) for name, shown in names.items()}


def answer_first(answer: Answer, names: Names) -> Iterator[Part]:
    """The sentences, the table, and every score."""
    first, *others = answer.findings or ("Nothing can be told yet",)
    score = scale(answer, "test")
    blocks: list[Block] = [Prose(tuple(f"{each}." for each in others))] if others else []
    blocks.append(_table(answer, names, score))
    if len(answer.settings) <= _ROWS:
        blocks.append(_scores(answer, names, score))
    if answer.notes:
        blocks.append(Prose(tuple(f"Note: {each}." for each in answer.notes)))
    yield Part("The answer", f"{first}.", tuple(blocks))


def _table(answer: Answer, names: Names, score: Scale) -> Table:
    ranked = sorted(answer.settings, key=lambda each: -each.summary.mean)
    left = f"; the first {_ROWS} of {len(ranked):,}" if len(ranked) > _ROWS else ""
    unit = f" ({score.unit})" if score.unit else ""
    columns = (f"mean{unit}", "95 % interval", "sd", "seeds", "diverged")
    return Table(
        caption=f"{score.title}, the best first{left}",
        heads=(*(answer.by or ("setting",)), *columns),
        rows=tuple(_row(each, score) for each in ranked[:_ROWS]),
        words=max(len(answer.by), 1),
        choices=tuple(names[first_level(each)] for each in ranked[:_ROWS]),
    )


def _row(setting: Setting, score: Scale) -> tuple[str, ...]:
    found = setting.summary
    span = found.interval
    if span.low is None or span.high is None:
        ends = "–"
    else:
        ends = f"{score.written(span.low)} … {score.written(span.high)}"
    return (
        *map(short, setting.levels.values() or (first_level(setting),)),
        *(score.written(found.mean), ends),
        "–" if found.sd is None else score.written(found.sd),
        f"{found.n}",
        f"{setting.failures.k} of {setting.failures.n}" if setting.failures.k else "0",
    )


def _scores(answer: Answer, names: Names, score: Scale) -> Chart:
    rows: list[Row] = []
    groups = strata(answer)
    shown = brief(groups)
    most = max(1, _TICKS // len(answer.settings))
    for head, group in groups.items():
        for treatment, setting in group.items():
            about = {"choice": names[treatment], "stratum": shown[head]}
            span, factor = setting.summary.interval, score.factor
            rows.append(
                about
                | {"mean": factor * span.mean, "n": span.n}
                | {"low": times(span.low, factor), "high": times(span.high, factor)}
            )
            each = list(zip(setting.seeds, setting.scores, strict=True))[:most]
            rows += [about | {"seed": seed, "value": factor * value} for seed, value in each]
    told = seeds(setting.summary.n for setting in answer.settings)
    cut = any(len(setting.seeds) > most for setting in answer.settings)
    which = f"the lowest {most:,} seeds" if cut else "every seed"
    return Chart(
        name="scores",
        caption=f"{score.title} of {which} (ticks), the mean and its 95 % t interval; {told}",
        alternative=f"{score.title} of every setting with its interval; the table has the numbers",
        spec=dots(colours(names), title=score.label, facet="stratum" if len(groups) > 1 else ""),
        rows=rows,
    )


def times(value: float | None, factor: float) -> float | None:
    """The product, of nothing nothing."""
    return None if value is None else factor * value


def estimate(span: Interval, factor: float) -> dict[str, float | int | None]:
    """The fields of a mean with its interval, in the unit of the factor."""
    low, high = times(span.low, factor), times(span.high, factor)
    return {"mean": factor * span.mean, "low": low, "high": high, "n": span.n}


def compared(answer: Answer, names: Names) -> Iterator[Part]:
    """Paired differences to the reference of each stratum."""
    found = answer.comparisons
    if found is None:
        return
    score = scale(answer, "test")
    words = heads(answer)
    told = {
        at: f"{words[at]}: to {to}" if words[at] else f"to {to}" for at, to in found.strata.items()
    }
    shown = brief(told.values())
    rows: list[Row] = []
    for stratum, treatment, each in _drawn(found):
        span, factor = each.interval, score.factor
        rows.append(
            {
                "choice": names[treatment],
                "stratum": shown[told[stratum]],
                "difference": factor * each.paired.difference.mean,
                "low": times(span.low, factor),
                "high": times(span.high, factor),
                "pairs": each.paired.n,
                "p": each.p,
                "verdict": each.verdict,
            }
        )
    chart = Chart(
        name="differences",
        caption=f"Paired differences in {score.name} with intervals that hold jointly over "
        f"{found.family.m} comparisons; grey: too small to matter. The reference is {found.reason}"
        + _part(len(rows), len(found.rows)),
        alternative="Forest plot of paired differences; the table below has the numbers",
        spec=differences(
            colours(names),
            title=score.difference("difference"),
            relevant=found.relevant * score.factor,
            facet="stratum",
        ),
        rows=rows,
    )
    said = answer.sentences.get("comparisons", ())
    yield Part("Differences", f"{'. '.join(said)}." if said else "", (chart, _compared(rows)))


def _drawn(found: Comparisons) -> list[tuple[str, str, Comparison]]:
    """All comparisons, or of many those at some strata."""
    total = len(found.rows)
    if total <= _COMPARED:
        return list(found.rows)
    kept = {*evenly([*found.strata], max(1, _FEW * len(found.strata) // total))}
    return [row for row in found.rows if row[0] in kept]


def _part(some: int, total: int) -> str:
    if some == total:
        return ""
    return (
        f"; drawn are {some:,} of {total:,}, those at some combinations of the other factors, "
        "evenly spaced in their order; `study show --json` has all"
    )


def _compared(rows: list[Row]) -> Table:
    def number(value: float | None, digits: str = "+.2f") -> str:
        return "–" if value is None else format(value, digits)

    return Table(
        caption="The same in numbers",
        heads=("treatment", "where", "difference", "interval", "pairs", "adjusted p", "verdict"),
        rows=tuple(
            (
                *(str(row["choice"]), str(row["stratum"]), number(row["difference"])),
                f"{number(row['low'])} … {number(row['high'])}",
                *(str(row["pairs"]), number(row["p"], ".2g"), str(row["verdict"])),
            )
            for row in rows
        ),
        words=2,
        choices=tuple(str(row["choice"]) for row in rows),
        folded=True,
    )


def learning(answer: Answer, names: Names) -> Iterator[Part]:
    """The best validation score so far, by epoch."""
    shown = [each for each in answer.settings if each.runs]
    if not shown:
        return
    score, (groups, part) = scale(answer, "validation"), drawn(answer, _CURVES, _CURVES)
    words = brief(groups)
    curves = [
        (treatment, head, list(_some(setting)))
        for head, group in groups.items()
        for treatment, setting in group.items()
    ]
    rows = [
        {
            "choice": names[treatment],
            "stratum": words[head],
            "epoch": epoch,
            "mean": score.factor * at.mean,
            "low": times(at.low, score.factor),
            "high": times(at.high, score.factor),
            "n": at.n,
        }
        for treatment, head, curve in curves
        for epoch, at in curve
    ]
    end = f"; {part}" if part else ""
    caption = f"Best {score.name} so far, mean over seeds with its 95 % t interval{end}"
    steps = sorted({epoch for *_, curve in curves for epoch, _ in curve})
    spec = bands(
        colours(names),
        Across("epoch", "epoch", steps),
        Upward(score.label),
        facet="stratum" if len(groups) > 1 else "",
    )
    fastest = max(shown, key=lambda each: each.area)
    best = f"{score.written(fastest.area)} {score.unit}".rstrip()
    n = seeds(each.summary.n for each in shown)
    told = f"Highest mean over all epochs: {short(fastest.label)}, {best}; {n}."
    yield Part("Learning", told, (Chart("learning", caption, caption, spec, rows),))


def _some(setting: Setting) -> Iterator[tuple[int, Interval]]:
    last = len(setting.curve)
    step = -(-last // _POINTS)
    for epoch, at in enumerate(setting.curve, 1):
        if epoch % step == 0 or epoch in (1, last):
            yield epoch, at
