"""Every treatment against a reference, paired by seed, within each stratum."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from actscope import stats
from actscope._errors import ActscopeError, unknown
from actscope.answers._factors import Factor, label
from actscope.answers._settings import Setting, best
from actscope.stats import Comparison, Family
from actscope.study import AXES


@dataclass(frozen=True)
class Comparisons:
    """The differences of the settings from a reference, all tested as one family.

    Attributes:
        treatment: name of the factor whose levels are compared.
        strata: for each combination of the other factors' levels, as words, what each treatment is
            compared to there.
        reason: how the reference was chosen; never by the test data.
        relevant: the smallest difference that matters, in the unit of the score.
        rows: stratum, treatment and comparison; above 0 the treatment is the better.
        family: all of them.
        without: strata that have no comparison, for the reference that was asked for is not there.
    """

    treatment: str
    strata: dict[str, str]
    reason: str
    relevant: float
    rows: tuple[tuple[str, str, Comparison], ...]
    family: Family
    without: tuple[str, ...]


def comparisons(
    by: Sequence[Factor],
    settings: Sequence[Setting],
    compare: str | None,
    *,
    correction: str,
    relevant: float,
) -> Comparisons | None:
    """The comparisons of the first factor's levels; None if nothing can be compared yet.

    Args:
        by: the factors that make a setting.
        settings: all of them.
        compare: the level that the others are compared to; the best on the validation set of each
            stratum if None.
        correction: as of `stats.compare`.
        relevant: likewise.

    Raises:
        ActscopeError: no level is called `compare`.
    """
    asked = None if compare is None else _asked(by, compare)
    strata = _strata(settings) if by else {}
    references = _references(strata, asked)
    pairs = {
        (stratum, name): values
        for stratum, reference in references.items()
        for name, values in _differences(strata[stratum], reference)
    }
    if not pairs:
        return None
    numbered = {str(number): values for number, values in enumerate(pairs.values())}
    family = stats.compare(numbered, correction=correction, relevant=relevant)
    compared = {stratum for stratum, _ in pairs}
    return Comparisons(
        treatment=by[0].name,
        strata={stratum: name for stratum, name in references.items() if stratum in compared},
        reason="best on the validation set" if asked is None else "as asked",
        relevant=relevant,
        rows=tuple((*key, found) for key, found in zip(pairs, family.comparisons, strict=True)),
        family=family,
        without=tuple(stratum for stratum in strata if stratum not in references),
    )


def _asked(by: Sequence[Factor], compare: str) -> str:
    """The label of the level that a user means."""
    if not by:
        raise ActscopeError(f"{compare!r} to compare to", expected="an axis with several values")
    factor, *_ = by
    meant = next(
        (each for each in (compare, _read(factor, compare)) if each in factor.labels), None
    )
    if meant is None:
        raise unknown(factor.name, compare, factor.labels)
    return meant


def _read(factor: Factor, written: str) -> str:
    """The label of what a user wrote as in a specification, such as `silu`; or as it stands."""
    axis, *others = factor.axes
    if others or axis not in AXES:
        return written
    try:
        return label((AXES[axis].level(written).shown,))
    except ActscopeError:
        return written


def _strata(settings: Sequence[Setting]) -> dict[str, dict[str, Setting]]:
    """For each combination of the other factors' levels the settings by the first one's level."""
    found: dict[str, dict[str, Setting]] = {}
    for setting in settings:
        found.setdefault(setting.stratum, {})[_first(setting)] = setting
    return found


def _references(strata: Mapping[str, Mapping[str, Setting]], asked: str | None) -> dict[str, str]:
    """What the treatments of each stratum are compared to; a stratum without it has none."""
    return {
        stratum: asked or _first(best(list(group.values())))
        for stratum, group in strata.items()
        if asked is None or asked in group
    }


def _first(setting: Setting) -> str:
    return next(iter(setting.levels.values()))


def _differences(group: Mapping[str, Setting], reference: str) -> Iterator[tuple[str, list[float]]]:
    """Of each treatment but the reference, over the seeds that both have."""
    base = group[reference].by_seed
    for name, setting in group.items():
        pairs = [score - base[seed] for seed, score in setting.by_seed.items() if seed in base]
        if name != reference and pairs:
            yield name, pairs
