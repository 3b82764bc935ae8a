"""What differs between two networks that were probed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from actscope.pages import Part, Table, brief, short
from actscope.probing import Profile
from actscope.report._beside import apart
from actscope.report._depth import depth
from actscope.report._words import caption, plural

_NONE = "–"


@dataclass(frozen=True, eq=False)
class Probed:
    """A probed network, to stand beside another.

    Attributes:
        name: what to call it.
        profile: of it, with its findings.
        test: accuracy on the test set, a fraction of 1; None where nothing was trained or tested.
    """

    name: str
    profile: Profile
    test: float | None = None

    @property
    def rules(self) -> list[str]:
        """The rules that spoke, the worst first."""
        return list(dict.fromkeys(each.rule for each in self.profile.findings))


def contrast(one: Probed, other: Probed) -> Part:
    """Findings by rule, and the numbers of two networks, beside each other.

    One network each: no interval follows.
    """
    both = (one, other)
    heads = apart(short(one.name), short(other.name))
    profiles = dict(zip(heads, (each.profile for each in both), strict=True))
    names = brief(site.activation for each in both for site in each.profile.sites)
    numbers = Table(
        caption="One network each, from which no interval follows",
        heads=("", *heads, "second − first"),
        rows=tuple(_numbers(both)),
    )
    return Part(
        "Both", _said(both, heads), (*_rules(both, heads), numbers, *depth(profiles, names))
    )


def _rules(both: Sequence[Probed], heads: Sequence[str]) -> Iterator[Table]:
    rules = dict.fromkeys(rule for each in both for rule in each.rules)
    if rules:
        rows = tuple((rule, *(_places(each, rule) for each in both)) for rule in rules)
        yield Table("What is wrong, by rule", ("rule", *heads), rows, 3)


def _places(network: Probed, rule: str) -> str:
    found = [each.severity for each in network.profile.findings if each.rule == rule]
    return f"{found[0]}, {plural(len(found), 'place')}" if found else _NONE


def _numbers(both: Sequence[Probed]) -> Iterator[tuple[str, ...]]:
    """What at least one of them has."""
    yield _row("examples", [each.profile.examples for each in both], "{:,}".format)
    yield _row("loss", [each.profile.loss for each in both], "{:.4g}".format)
    accuracies = [each.profile.accuracy for each in both]
    yield _row("accuracy on these (%)", _percent(accuracies), "{:.2f}".format)
    tests = [each.test for each in both]
    if tests != [None, None]:
        yield _row("test accuracy (%)", _percent(tests), "{:.2f}".format)
    units = [sum(site.units for site in each.profile.sites) for each in both]
    yield _row("units", units, "{:,}".format)
    dead = [sum(each.profile.dead) for each in both]
    yield _row("dead units", dead, "{:,}".format)
    shares = [k / n if n else None for k, n in zip(dead, units, strict=True)]
    yield _row("dead units (%)", _percent(shares), "{:.3g}".format)


def _row(
    name: str, values: Sequence[float | None], written: Callable[[float], str]
) -> tuple[str, ...]:
    one, other = values
    cells = (_NONE if each is None else written(each) for each in values)
    if one is None or other is None:
        return name, *cells, _NONE
    sign = "+" if other > one else ""
    return name, *cells, f"{sign}{written(other - one)}"


def _percent(values: Sequence[float | None]) -> list[float | None]:
    return [None if each is None else 100 * each for each in values]


def _said(both: Sequence[Probed], heads: Sequence[str]) -> str:
    one, other = (each.rules for each in both)
    alone = [
        [rule for rule in one if rule not in other],
        [rule for rule in other if rule not in one],
    ]
    shared = ", ".join(rule for rule in one if rule in other)
    said = [
        f"Wrong with {head} alone: {', '.join(x)}"
        for head, x in zip(heads, alone, strict=True)
        if x
    ]
    said += [f"Wrong with both: {shared}"] if shared else []
    losses = [f"{each.profile.loss:.4g}" for each in both if each.profile.loss is not None]
    lost = f"Loss {losses[0]} and {losses[1]}" if len(losses) == len(both) else ""
    return caption(*(said or ["Nothing is wrong with either"]), lost)
