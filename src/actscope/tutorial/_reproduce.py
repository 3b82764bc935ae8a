"""Every published figure of the tutorial beside ours."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from actscope.tutorial import _published
from actscope.tutorial._claim import Claim, Evidence, judge
from actscope.tutorial._claims_dead import DEAD
from actscope.tutorial._claims_flow import FLOW
from actscope.tutorial._claims_signals import SIGNALS
from actscope.tutorial._measure import HIDDEN_SIZES, Dead, Measured
from actscope.tutorial._published import Number, Sentence, Value
from actscope.tutorial._retrained import Retrained

CLAIMS = (*FLOW, *SIGNALS, *DEAD)

_ALTERED = "not the tutorial's own network: its files' SHA-256 sums are not the published ones"


@dataclass(frozen=True)
class Figure:
    """A published figure, or a claim in words, and what became of it.

    Attributes:
        id: `claim.…` for a claim.
        published: a number, one a layer, or the claim's words.
        reproduced: likewise; for a claim the evidence in short; None where not available.
        unit: of both; empty for a claim.
        status: `match`, `mismatch` or `unavailable`.
        tolerance: the largest difference that still counts as a match; None for a claim.
        source: where in the tutorial it stands.
        note: why it is not available, or what else has to be said.
        criterion: when a claim counts as true; empty for a figure.
        evidence: what was measured for a claim.
        holds: whether a claim does; None where that cannot be said, and for a figure.
    """

    id: str
    published: Value | str
    reproduced: Value | str | None
    unit: str
    status: str
    tolerance: float | None
    source: str
    note: str = ""
    criterion: str = ""
    evidence: Evidence | None = None
    holds: bool | None = None

    @property
    def is_claim(self) -> bool:
        """Whether it is a claim in words, which never changes the exit status."""
        return self.evidence is not None

    def to_json(self) -> dict[str, Any]:
        """The contract's entry of `figures`."""
        names = ["id", "published", "reproduced", "unit", "status", "tolerance", "source"]
        names += ["note"] if self.note else []
        names += ["holds", "criterion", "evidence"] if self.is_claim else []
        return {name: _json(getattr(self, name)) for name in names}


def reproduce(measured: Measured) -> tuple[Figure, ...]:
    """Every published figure, then every claim, each beside what was measured.

    The claims about dead neurons and accuracies are also put to the numbers that the tutorial
    itself prints; where those disagree with its words, the note says so.
    """
    claims = {claim.id: claim for claim in CLAIMS}
    printed = _printed()
    return (
        *(_figure(number, measured) for number in _published.numbers()),
        *(_claim(claims[words.id], words, measured, printed) for words in _published.sentences()),
    )


def exit_status(figures: Iterable[Figure]) -> int:
    """1 if a figure is not reproduced, else 3 if one is not available, else 0; claims aside."""
    found = {figure.status for figure in figures if not figure.is_claim}
    return 1 if "mismatch" in found else 3 if "unavailable" in found else 0


def to_json(figures: Iterable[Figure], retrained: Iterable[Retrained] = ()) -> dict[str, Any]:
    """The contract's `reproduce` object; `retrained` appears where there were runs of our own."""
    rows = [row.to_json() for row in retrained]
    return {
        "schema": "actscope.reproduce/1",
        "figures": [figure.to_json() for figure in figures],
    } | ({"retrained": rows} if rows else {})


def _accuracy(measured: Measured, activation: str) -> Value | None:
    return measured.accuracy.get(activation)


def _count(measured: Measured, network: str) -> Value | None:
    dead = measured.dead.get(f"relu.{network}")
    return dead.counts if dead else None


def _percentage(measured: Measured, network: str) -> Value | None:
    dead = measured.dead.get(f"relu.{network}")
    return dead.percentages if dead else None


_MEASURED: Mapping[str, Callable[[Measured, str], Value | None]] = {
    "test_accuracy": _accuracy,
    "dead_neurons": _count,
    "dead_percentage": _percentage,
}


def _figure(number: Number, measured: Measured) -> Figure:
    kind, _, name = number.id.partition(".")
    reproduced = _MEASURED[kind](measured, name)
    pretrained = {"test_accuracy": name}.get(kind, "relu" if name == "trained" else "")
    note = measured.missing.get(pretrained, _ALTERED if pretrained in measured.altered else "")
    return Figure(
        id=number.id,
        published=number.value,
        reproduced=reproduced,
        unit=number.unit,
        status=_status(number, reproduced),
        tolerance=number.tolerance,
        source=number.source,
        note=note,
    )


def _status(number: Number, reproduced: Value | None) -> str:
    if reproduced is None:
        return "unavailable"
    ours, theirs = _layers(reproduced), _layers(number.value)
    close = len(ours) == len(theirs) and all(
        abs(a - b) <= number.tolerance for a, b in zip(ours, theirs, strict=True)
    )
    return "match" if close else "mismatch"


def _layers(value: Value) -> tuple[float, ...]:
    return value if isinstance(value, tuple) else (value,)


def _claim(claim: Claim, sentence: Sentence, measured: Measured, printed: Measured) -> Figure:
    verdict = judge(claim, measured, sentence.number)
    by_print = judge(claim, printed, sentence.number)
    note = verdict.reason
    if by_print.holds is False:
        note = f"the tutorial's own printed numbers disagree: {brief(by_print.evidence)}"
    return Figure(
        id=claim.id,
        published=sentence.words,
        reproduced=brief(verdict.evidence) or None,
        unit="",
        status={True: "match", False: "mismatch", None: "unavailable"}[verdict.holds],
        tolerance=None,
        source=sentence.source,
        note=note,
        criterion=claim.criterion,
        evidence=verdict.evidence,
        holds=verdict.holds,
    )


def _printed() -> Measured:
    """The measurements that the tutorial prints."""
    accuracy: dict[str, float] = {}
    dead: dict[str, Dead] = {}
    for number in _published.numbers():
        kind, _, name = number.id.partition(".")
        if kind == "dead_neurons":
            counts = tuple(int(count) for count in _layers(number.value))
            dead[f"relu.{name}"] = Dead(counts, HIDDEN_SIZES[name])
        elif kind == "test_accuracy":
            (accuracy[name],) = _layers(number.value)
    return Measured(accuracy=accuracy, dead=dead)


def brief(evidence: Evidence) -> str:
    """Evidence in a line: numbers to three digits."""
    return "; ".join(f"{name} {_brief(value)}" for name, value in evidence.items())


def _brief(value: Any) -> str:
    if isinstance(value, Mapping):
        return brief(value).replace("; ", ", ")
    if isinstance(value, list):
        return " ".join(map(_brief, value))
    return f"{value:.3g}"


def _json(value: Any) -> Any:
    return json.loads(json.dumps(value))
