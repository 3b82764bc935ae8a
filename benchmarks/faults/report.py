"""The tables of docs/faults.md, from what is written down."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from scipy import stats

from actscope.diagnosis import RULES, Rule

Row = dict[str, Any]
IMPAIRED = 0.1
TRADED = (0.25, 0.5, 1.0, 2.0, 4.0)  # times the threshold


def bound(hits: int, n: int) -> float:
    """Upper 95 % bound of a rate, one-sided (Clopper and Pearson)."""
    return 1.0 if hits >= n else float(stats.beta.ppf(0.95, hits + 1, n - hits))


@dataclass(frozen=True)
class Count:
    """How often something was so, by network and by design.

    A design counts if it was so of any of its networks.
    """

    hits: int
    networks: int
    hit_designs: int
    designs: int

    @classmethod
    def of(cls, found: Iterable[tuple[int, bool]]) -> "Count":
        """Of the number of each network's design, and whether it was so."""
        pairs = list(found)
        return cls(
            hits=sum(hit for _, hit in pairs),
            networks=len(pairs),
            hit_designs=len({number for number, hit in pairs if hit}),
            designs=len({number for number, _ in pairs}),
        )

    @property
    def bound(self) -> float:
        """Of its rate among networks."""
        return bound(self.hits, self.networks)

    @property
    def cells(self) -> str:
        """For a table: networks, designs, both bounds."""
        told = f"{self.hits} of {self.networks} ({self.hit_designs} of {self.designs})"
        return f"{told} | {self.bound:.1%} ({bound(self.hit_designs, self.designs):.1%})"


def spoke(row: Row, rule: Rule, factor: float = 1.0) -> bool | None:
    """Whether a rule spoke at its threshold times a factor; None if that is not written down."""
    for threshold, found in row["fires"].get(rule.name, ()):
        if math.isclose(threshold, rule.threshold * factor, rel_tol=1e-6):
            return found
    return None


def alarms(rule: Rule, healthy: list[Row], factor: float = 1.0) -> Count:
    """How often a rule accuses a healthy network."""
    found = ((row["number"], spoke(row, rule, factor)) for row in healthy)
    return Count.of((number, hit) for number, hit in found if hit is not None)


def misses(rule: Rule, sick: list[Row], factor: float = 1.0) -> Count:
    """How often a rule says nothing of a fault."""
    found = ((row["number"], spoke(row, rule, factor)) for row in sick)
    return Count.of((number, not hit) for number, hit in found if hit is not None)


def report(rows: Iterable[Row], *, odd: bool = True) -> Iterator[str]:
    """All tables in Markdown, of the designs of one parity."""
    shown = [row for row in rows if row["number"] % 2 == odd]
    healthy = [row for row in shown if row["strength"] == "healthy"]
    planted: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in shown:
        if row["rule"]:
            planted[row["rule"]][row["strength"]].append(row)
    numbers = len({row["number"] for row in shown})
    others = len(shown) - len(healthy)
    yield f"{len(healthy)} healthy networks and {others} others, of {numbers} designs."
    yield ""
    yield from _rules(healthy, planted)
    yield ""
    yield from _starts(shown)
    yield ""
    yield from _truth(healthy)
    yield ""
    yield from _trade_off(healthy, planted)


def _rules(healthy: list[Row], planted: dict[str, dict[str, list[Row]]]) -> Iterator[str]:
    yield "| rule | fault | missed | 95 % bound | false alarms | 95 % bound |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for rule in RULES:
        false = alarms(rule, healthy).cells
        for strength, sick in planted[rule.name].items():
            missed = misses(rule, sick)
            told = f"{missed.hits} of {missed.networks} | {missed.bound:.1%}"
            yield f"| `{rule.name}` | {strength} | {told} | {false} |"
            false = "as above | "
        if not planted[rule.name]:
            yield f"| `{rule.name}` | not planted yet | – | – | {false} |"


def _any(row: Row) -> bool:
    return any(spoke(row, rule) for rule in RULES)


def impaired(healthy: list[Row]) -> set[int]:
    """The `id` of those whose training leaves `IMPAIRED` of the loss more than that of the best.

    The best of the same design, whatever its start: a warning of such a network may be no mistake,
    though it trains. What the rules say plays no part.
    """
    best: dict[int, float] = {}
    for row in healthy:
        best[row["number"]] = min(row["left"], best.get(row["number"], math.inf))
    return {id(row) for row in healthy if row["left"] > IMPAIRED + best[row["number"]]}


def _starts(shown: list[Row]) -> Iterator[str]:
    """Any finding in a healthy network, by how it starts."""
    yield "| start | trained | any finding | 95 % bound | of those not impaired | 95 % bound |"
    yield "| --- | --- | --- | --- | --- | --- |"
    plain = [row for row in shown if not row["rule"]]
    worse = impaired([row for row in plain if row["strength"] == "healthy"])
    for start in [*dict.fromkeys(row["start"] for row in plain), "all"]:
        tried = [row for row in plain if start in (row["start"], "all")]
        healthy = [row for row in tried if row["strength"] == "healthy"]
        every, whole = (
            Count.of((row["number"], _any(row)) for row in each).cells
            for each in (healthy, [row for row in healthy if id(row) not in worse])
        )
        yield f"| {start} | {len(healthy)} of {len(tried)} | {every} | {whole} |"


def _truth(healthy: list[Row]) -> Iterator[str]:
    """How many of the healthy networks that a rule accuses are impaired."""
    worse = impaired(healthy)
    yield "| accused by | networks | of them impaired |"
    yield "| --- | --- | --- |"
    for name, rows in (
        *((f"`{rule.name}`", [row for row in healthy if spoke(row, rule)]) for rule in RULES),
        ("no rule", [row for row in healthy if not _any(row)]),
        ("– (all)", healthy),
    ):
        if rows:
            bad = sum(id(row) in worse for row in rows)
            yield f"| {name} | {len(rows)} | {bad} ({bad / len(rows):.0%}) |"


def _trade_off(healthy: list[Row], planted: dict[str, dict[str, list[Row]]]) -> Iterator[str]:
    """Misses and false alarms at other thresholds, of each rule that has erred."""
    yield "| rule | what | " + " | ".join(f"x {factor:g}" for factor in TRADED) + " |"
    yield "| --- | --- |" + " --- |" * len(TRADED)
    for rule in RULES:
        faults = planted[rule.name]
        missed = sum(misses(rule, sick).hits for sick in faults.values())
        if rule.threshold == 0 or not missed + alarms(rule, healthy).hits:
            continue
        at = (f"{rule.threshold * factor:.3g}" for factor in TRADED)
        yield f"| `{rule.name}` | threshold | " + " | ".join(at) + " |"
        for strength, sick in faults.items():
            counts = (misses(rule, sick, factor) for factor in TRADED)
            yield f"| | missed, {strength} | " + " | ".join(map(_share, counts)) + " |"
        counts = (alarms(rule, healthy, factor) for factor in TRADED)
        yield "| | false alarms | " + " | ".join(map(_share, counts)) + " |"


def _share(count: Count) -> str:
    return f"{count.hits / count.networks:.1%}" if count.networks else "–"
