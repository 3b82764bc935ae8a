"""Every treatment's difference to its reference, stratum by stratum."""

from collections.abc import Iterator, Sequence

from matplotlib.figure import Figure

from actscope import figures
from actscope.answers import Answer, Comparisons
from actscope.figures import Difference, Scale
from actscope.report._strata import evenly, heads, together
from actscope.report._words import caption, plural, scale, seeds
from actscope.stats import Comparison

_ROWS = 40  # in one figure
_FIGURES, _FEW = 24, 4  # of more figures than 24 only these few are drawn
_CORRECTIONS = {"holm": "Holm", "benjamini_hochberg": "Benjamini–Hochberg"}
_TESTS = {"exact": "exact sign-flip test", "t": "paired t test, which assumes normality"}


def forest(answer: Answer) -> Iterator[tuple[str, Figure]]:
    """One figure, or several of about 40 rows, of more than 24 four; none without comparisons."""
    if answer.comparisons is None:
        return
    score = scale(answer, "test")
    reference, rows = _named(answer, answer.comparisons)
    pages = together(rows, _ROWS)
    numbered = list(enumerate(pages, 1))
    for number, page in numbered if len(pages) <= _FIGURES else evenly(numbered, _FEW):
        shown = {
            head: {name: _difference(found) for name, found in part.items()}
            for head, part in page.items()
        }
        part = caption(f"Part {number} of {len(pages)}" if len(pages) > 1 else "")
        yield (
            f"forest-{number}" if len(pages) > 1 else "forest",
            figures.forest(
                shown,
                reference=reference,
                relevant=answer.comparisons.relevant,
                score=score,
                caption=f"{_caption(answer.comparisons, score)} {part}".rstrip(),
            ),
        )


def _named(answer: Answer, found: Comparisons) -> tuple[str, dict[str, dict[str, Comparison]]]:
    """The reference, and the comparisons by stratum, which names its own where they differ."""
    names, references = heads(answer), set(found.strata.values())
    several = len(references) > 1
    rows: dict[str, dict[str, Comparison]] = {}
    for stratum, treatment, comparison in found.rows:
        to = f": to {found.strata[stratum]}" if several else ""
        rows.setdefault(f"{names[stratum]}{to}", {})[treatment] = comparison
    return "the reference" if several else references.pop(), rows


def _difference(found: Comparison) -> Difference:
    low, high = found.interval.low, found.interval.high
    return Difference(
        interval=found.paired.difference,
        simultaneous=None if low is None or high is None else (low, high),
        verdict=f"{found.verdict}{_would(found)}",
    )


def _would(found: Comparison) -> str:
    """How many seeds would tell a relevant difference, where there are fewer."""
    needed = found.seeds_needed
    if found.verdict != "not distinguishable" or needed is None:
        return ""
    if needed.estimate is None:
        return "; more than 10,000 seeds would tell"
    return f"; {needed.estimate:,} seeds would tell" if needed.estimate > found.paired.n else ""


def _caption(found: Comparisons, score: Scale) -> str:
    rows = [comparison for _, _, comparison in found.rows]
    count, family = seeds(row.paired.n for row in rows), found.family
    over = f"{_CORRECTIONS[family.correction]} over {plural(family.m, 'comparison')}"
    test = " or ".join(_TESTS[lead] for lead in dict.fromkeys(row.leads for row in rows))
    return caption(
        f"{_result(rows)}; {count}, paired; {over}, {test}",
        f"Reference: {found.reason}",
        _power(found.relevant, score) if any(map(_would, rows)) else "",
    )


def _result(rows: Sequence[Comparison]) -> str:
    verdicts = [row.verdict for row in rows]
    better, worse = verdicts.count("better"), verdicts.count("worse")
    some = f"{better} better and {worse} worse than the reference"
    return f"Of {plural(len(rows), 'difference')}, {better + worse} can be told from 0: {some}"


def _power(relevant: float, score: Scale) -> str:
    """What the numbers of seeds in the verdicts are for."""
    step = f"{score.written(relevant)} {score.step}".rstrip()
    return f"So many seeds would tell a difference of {step}, at 80 % power"
