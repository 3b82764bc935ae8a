"""Which factor matters, how the treatments rank, and whether that changes."""

from collections.abc import Iterator

from actscope.answers import Answer, Interaction, Ranks
from actscope.figures import Scale
from actscope.pages import Block, Chart, Part, Prose, Row, brief, heat, shares
from actscope.pages import intervals as dots
from actscope.report._scores_part import Names, colours, times
from actscope.report._words import scale
from actscope.stats import Component, Importance


def matters(answer: Answer, names: Names) -> Iterator[Part]:
    """Shares of the variance, ranks over data sets, and means by the levels of two factors."""
    score = scale(answer, "test")
    blocks: list[Block] = []
    if not isinstance(answer.matter, str):
        blocks.append(_importance(answer.matter.importance))
    if answer.ranks:
        blocks.append(_ranks(answer.ranks, names))
    blocks += [_table(found, names, score) for found in answer.interactions]
    said = [
        sentence
        for kind, sentences in answer.sentences.items()
        if kind in ("importance", "ranks") or kind.startswith("ranking")
        for sentence in sentences
    ]
    if blocks or said:
        first, *others = said or [""]
        prose = [Prose(tuple(f"{each}." for each in others))] if others else []
        yield Part("What matters", f"{first}." if first else "", (*prose, *blocks))


def _importance(found: Importance) -> Chart:
    rows = [
        *(_share(" × ".join(each.factors), each, found.n) for each in found.effects),
        _share("seed", found.seed, found.n),
        _share("rest", found.residual, found.n),
    ]
    caption = (
        f"Share of the variance of single scores (ω²) with its {found.level:.0%} interval; "
        f"n = {found.n} seeds"
    )
    spec = shares(title="share of the variance (%)")
    return Chart("importance", caption, caption, spec, rows)


def _share(name: str, found: Component, n: int) -> Row:
    ends = {"low": times(found.low, 100), "high": times(found.high, 100)}
    return {"name": name, "mean": 100 * found.share, **ends, "n": n}


def _ranks(found: Ranks, names: Names) -> Chart:
    """Two treatments differ where the bars of half a critical difference do not overlap."""
    half = None if found.critical_difference is None else found.critical_difference / 2
    rows = [
        {
            "choice": names.get(name, name),
            "mean": rank,
            "low": None if half is None else rank - half,
            "high": None if half is None else rank + half,
            "n": len(found.datasets),
        }
        for name, rank in sorted(found.ranks.items(), key=lambda each: each[1])
    ]
    apart = (
        "Friedman's test tells no two apart"
        if half is None
        else "two whose bars do not overlap differ by Nemenyi's test (critical difference "
        f"{found.critical_difference:.2f})"
    )
    caption = f"Average rank over n = {len(found.datasets)} data sets, 1 the best; {apart}"
    spec = dots(colours(names), title="average rank")
    return Chart("ranks", caption, caption, spec, rows)


def _table(found: Interaction, names: Names, score: Scale) -> Chart:
    other = brief(level for _, level in found.means)
    rows = [
        {
            "choice": names[treatment],
            "level": other[level],
            "mean": score.factor * mean.interval.mean,
            "low": times(mean.interval.low, score.factor),
            "high": times(mean.interval.high, score.factor),
            "n": mean.interval.n,
            "shown": score.written(mean.interval.mean),
        }
        for (treatment, level), mean in found.means.items()
        if treatment in names
    ]
    caption = f"{score.title} by {found.treatment} and {found.factor}"
    return Chart(
        f"by-{found.factor}", caption, caption, heat(x=found.factor, title=score.label), rows
    )
