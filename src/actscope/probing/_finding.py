"""Something that is wrong with a network, and what it rests on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from actscope._signal import json_number

SEVERITIES = ("error", "warning", "info")  # the worst first


@dataclass(frozen=True, eq=False)
class Finding:
    """What one rule found.

    Attributes:
        rule: its name, such as `dead_units`.
        severity: `error`, `warning` or `info`.
        site: name of the site (or parameter, or input) that it speaks of; empty for the whole.
        source: file and line of that site, if it has one.
        evidence: what was measured, by name, and the threshold beside it.
        why: one sentence on why it matters.
        advice: what to do.
    """

    rule: str
    severity: str
    site: str
    source: str
    evidence: Mapping[str, Any]
    why: str
    advice: str

    @property
    def told(self) -> str:
        """Where, and the numbers that are known, in a line; empty if there is neither."""
        where = f"{self.site} ({self.source})" if self.source else self.site
        numbers = ", ".join(
            f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
            for name, value in self.evidence.items()
            if not (isinstance(value, float) and math.isnan(value))
        )
        return ": ".join(filter(None, [where, numbers]))

    def to_json(self) -> dict[str, Any]:
        """The contract's entry of `findings`."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "site": self.site or None,
            "source": self.source,
            "evidence": {name: _plain(value) for name, value in self.evidence.items()},
            "why": self.why,
            "advice": self.advice,
        }


def by_rule(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Those of one rule and severity together, in the order in which they stand."""
    groups = groupby(findings, key=lambda each: (each.severity, each.rule))
    return [list(group) for _, group in groups]


def _plain(value: Any) -> Any:
    return json_number(value) if isinstance(value, float) else value
