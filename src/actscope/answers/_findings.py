"""What an answer says, in sentences; each with its n, and each estimate with its interval."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from actscope.answers._comparisons import Comparisons
from actscope.answers._datasets import Ranks
from actscope.answers._matter import Matter
from actscope.answers._settings import Setting, best
from actscope.answers._words import Unit, described, listed, plural, seeds, share
from actscope.stats import Comparison, Importance, RankingChange, SeedsRange

_STRATA = 3  # up to which each has sentences of its own
_DATASET = "dataset"


def sentences(
    settings: Sequence[Setting],
    compared: Comparisons | None,
    matter: Matter | str,
    ranks: Ranks | None,
    unit: Unit,
) -> dict[str, tuple[str, ...]]:
    """By what they are of, the most asked for first.

    That is `settings`, `comparisons`, `ranking by <factor>`, `importance` and `ranks`, as far as
    there are any.
    """
    found = {"settings": tuple(_best(settings, unit))}
    if compared:
        found["comparisons"] = tuple(_comparisons(compared, _heads(settings), unit))
    if isinstance(matter, Matter):
        for factor, change in matter.rankings.items():
            found[f"ranking by {factor}"] = (_ranking(matter.treatment, factor, change, unit),)
        found["importance"] = (_importance(matter.importance, matter.part),)
    if ranks:
        found["ranks"] = (_ranks(ranks),)
    return found


def _best(settings: Sequence[Setting], unit: Unit) -> Iterator[str]:
    """Chosen on validation data, judged on test data; scores of two data sets do not compare."""
    groups: dict[str, list[Setting]] = {}
    for setting in settings:
        groups.setdefault(str(setting.axes.get(_DATASET, "")), []).append(setting)
    for dataset, group in groups.items() if len(settings) > 1 else ():
        found = best(group)
        where = f" on {dataset}" if dataset else ""
        lost = found.failures
        failed = f"; {lost.k} of {plural(lost.n, 'network')} diverged" if lost.k else ""
        score = f"{unit.mean(found.summary.interval)}, n = {len(found.seeds)}"
        yield f"Best by validation{where}: {described(found.axes)}, {score}{failed}"


def _heads(settings: Sequence[Setting]) -> dict[str, str]:
    """How a sentence calls what comparisons name by the levels alone: `depth 2, layer dense`."""
    found: dict[str, str] = {}
    for setting in settings:
        _, *others = setting.levels.items()
        found[setting.stratum] = ", ".join(f"{name} {level}" for name, level in others)
    return found


def _comparisons(found: Comparisons, heads: Mapping[str, str], unit: Unit) -> Iterator[str]:
    if len(found.strata) > _STRATA:
        yield _counted(found)
        return
    for stratum, reference in found.strata.items():
        to = f"{reference} at {heads[stratum]}" if heads[stratum] else reference
        rows = {name: each for at, name, each in found.rows if at == stratum}
        told = {name: each for name, each in rows.items() if each.verdict != "not distinguishable"}
        for verdict in ("better", "worse"):
            if those := {name: each for name, each in told.items() if each.verdict == verdict}:
                yield f"{verdict.title()} than {to}: {_told(those, unit)}"
        if those := {name: each for name, each in rows.items() if name not in told}:
            n, needed = _pairs(those.values()), _needed(those, unit.step(found.relevant))
            yield f"Not distinguishable from {to}: {listed(list(those))}; {n}{needed}"


def _counted(found: Comparisons) -> str:
    """Many strata have a table; the sentence says what stands in it."""
    verdicts = [each.verdict for _, _, each in found.rows]
    better, worse, rest = map(verdicts.count, ("better", "worse", "not distinguishable"))
    to = dict.fromkeys(found.strata.values())
    reference = next(iter(to)) if len(to) == 1 else f"the {found.reason}"
    return (
        f"{plural(len(verdicts), 'comparison')} of {found.treatment} with {reference}, within "
        f"{len(found.strata):,} combinations of the other factors: {better:,} better, {worse:,} "
        f"worse, {rest:,} not distinguishable; {_pairs(each for _, _, each in found.rows)}"
    )


def _told(rows: Mapping[str, Comparison], unit: Unit) -> str:
    """The largest differences first."""
    order = sorted(rows, key=lambda name: -abs(rows[name].paired.difference.mean))
    said = [f"{name} {unit.difference(rows[name].paired.difference)}" for name in order]
    return f"{listed(said, between='; ')}; {_pairs(rows.values())}"


def _pairs(rows: Iterable[Comparison]) -> str:
    return seeds(each.paired.n for each in rows)


def _needed(rows: Mapping[str, Comparison], step: str) -> str:
    """How many seeds each would take."""
    ranges = {name: each.seeds_needed for name, each in rows.items()}
    said = [f"{_seeds(needed)} for {name}" for name, needed in ranges.items() if needed]
    return f"; to tell {step} takes {listed(said)}" if said else ""


def _seeds(found: SeedsRange) -> str:
    """`23 seeds (14 to 51)`."""
    low, middle, high = ("> 10,000" if each is None else f"{each:,}" for each in found)
    return f"{middle} seeds ({low} to {high})"


def _ranking(treatment: str, factor: str, found: RankingChange, unit: Unit) -> str:
    ranking, n = f"he ranking of {treatment}", f"n = {found.n}"
    told = f"{found.told_apart:,} of {found.tested:,} differences told apart; {n}"
    if found.verdict == "undecided":
        return f"Whether t{ranking} changes with {factor} is undecided: {told}"
    if found.verdict == "stays":
        return f"T{ranking} is the same at every {factor}: {told}"
    case = max(found.evidence, key=lambda each: each.interval_a.mean - each.interval_b.mean)
    one, other = unit.difference(case.interval_a), unit.difference(case.interval_b)
    more = f"; {plural(len(found.evidence) - 1, 'more pair')} too" if found.evidence[1:] else ""
    return (
        f"T{ranking} changes with {factor}: {case.better} is better than {case.worse} at "
        f"{case.level_a} ({one}) and worse at {case.level_b} ({other}){more}; {n}"
    )


def _importance(found: Importance, part: str) -> str:
    """The largest effects that can be told from none; the seed and the rest are noise."""
    effects = sorted(found.effects, key=lambda effect: -effect.share)
    shares = {" × ".join(each.factors): share(each) for each in effects}
    told = [" × ".join(each.factors) for each in effects if each.low is not None and each.low > 0]
    end = f"the seed for {share(found.seed)}, the rest is {share(found.residual)}"
    end += f"; n = {found.n}, {part}"
    if not told:
        first, most = next(iter(shares.items()))
        largest = f"the largest is {first}, {most}"
        return f"No factor's share of the variance can be told from 0; {largest}; {end}"
    first, *others = told
    said = [f"{first} accounts for {shares[first]} of the variance"]
    return f"{listed([*said, *(f'{name} for {shares[name]}' for name in others)])}; {end}"


def _ranks(found: Ranks) -> str:
    first = min(found.ranks, key=found.ranks.__getitem__)
    apart = [
        other if one == first else one
        for (one, other), p in found.p.items()
        if first in (one, other) and p <= 1 - found.level
    ]
    told = f"told apart from {listed(apart)}" if apart else "told apart from none"
    rank = f"{found.ranks[first]:.2f} of {len(found.ranks)}"
    return (
        f"Best average rank over {len(found.datasets)} data sets: {first}, {rank}, {told}; "
        f"Friedman's p = {found.friedman.p:.2g}"
    )
