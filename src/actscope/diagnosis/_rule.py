"""A rule: what it measures, from where on that is wrong, and what to do about it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from actscope.diagnosis._case import Case
from actscope.probing import Finding, Site


@dataclass(frozen=True, eq=False)
class Hit:
    """Where a rule applies.

    Attributes:
        evidence: what was measured, by name.
        site: of which it speaks; None: of the whole, or of `place`.
        place: name of a parameter or input, if it is one.
        grave: it is an error, where the rule by itself only warns.
    """

    evidence: Mapping[str, Any]
    site: Site | None = None
    place: str = ""
    grave: bool = False


@dataclass(frozen=True, eq=False)
class Rule:
    """What can be wrong with a network.

    Attributes:
        name: of the rule, as in the contract.
        measures: what is measured, in words.
        threshold: from where on that is a finding.
        origin: where the threshold comes from.
        severity: `warning`, `error` or `info`.
        why: one sentence on why it matters.
        advice: what to do.
        find: `find(case, threshold)`, where it applies.
    """

    name: str
    measures: str
    threshold: float
    origin: str
    severity: str
    why: str
    advice: str
    find: Callable[[Case, float], Iterator[Hit]] = field(repr=False)

    def findings(self, case: Case) -> Iterator[Finding]:
        """What it finds in a case."""
        for hit in self.find(case, self.threshold):
            yield Finding(
                rule=self.name,
                severity="error" if hit.grave else self.severity,
                site=hit.site.name if hit.site else hit.place,
                source=hit.site.source if hit.site else "",
                evidence={**hit.evidence, "threshold": self.threshold},
                why=self.why,
                advice=self.advice,
            )
