"""What the rounds say: whether they can be believed, and the ratios in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from contenders import AGAIN, BARE, COMPILED, EAGER, LIMIT, LOOP, OURS
from crew import Answer
from machine import table
from workload import member_epoch_flop

Round = Mapping[str, Answer]

# Share of the CPU seconds that the operations need at the fastest product's rate. One core of two
# that share a unit is faster while the other sleeps, so a little less than all.
_NEEDED = 0.8


def faults(rounds: Sequence[Round]) -> list[str]:
    """Why these rounds cannot be believed; nothing if they can."""
    fastest = max(
        answer.done.flop / answer.cpu
        for answers in rounds
        for name, answer in answers.items()
        if name in LIMIT
    )
    found: list[str] = []
    for number, answers in enumerate(rounds):
        for name, answer in answers.items():
            wrong = [outcome.fault for outcome in answer.done.outcomes if outcome.fault]
            needed = _NEEDED * answer.done.flop / fastest
            if answer.cpu < needed:
                wrong.append(f"{answer.cpu:.1f} CPU seconds; its operations need {needed:.1f}")
            found += [f"round {number + 1}, {name}: {fault}" for fault in wrong]
    return found


@dataclass(frozen=True)
class Ratio:
    """One row of the answer.

    Attributes:
        what: in words.
        goal: likewise.
        values: one a round.
        spread: how far from 1 a ratio may lie without meaning anything; 0 where it is a share.
    """

    what: str
    goal: str
    values: tuple[float, ...]
    spread: float = 0.0

    def row(self) -> list[str]:
        """Cells."""
        middle = median(self.values)
        none = abs(middle - 1) < self.spread
        found = f"no difference beyond {self.spread:.1%}" if none else f"**{middle:.3f}**"
        return [self.what, self.goal, found, f"{min(self.values):.3f} to {max(self.values):.3f}"]


def ratios(rounds: Sequence[Round]) -> list[Ratio]:
    """Of the rates of contenders, of those that took part."""
    again = _over(rounds, OURS, AGAIN)
    spread = max(abs(value - 1) for value in again)
    found = [
        Ratio(f"{OURS} / {AGAIN} (A/A)", "1", again),
        Ratio(f"{BARE} / {OURS}", "at most 1.05", _over(rounds, BARE, OURS), spread),
    ]
    eager = _fastest(rounds, EAGER) if EAGER[0] in rounds[0] else EAGER[0]
    for peer, goal in ((LOOP, "1.9"), (eager, "1.4"), (COMPILED, "1.7")):
        if peer in rounds[0]:
            values = _over(rounds, OURS, peer)
            found.append(Ratio(f"{OURS} / {peer}", f"at least {goal}", values, spread))
    limit = _fastest(rounds, LIMIT)
    return [*found, Ratio(f"{OURS} / {limit}", "at least 0.80", _over(rounds, OURS, limit))]


def rates(rounds: Sequence[Round], ready: Mapping[str, float]) -> str:
    """A table of all contenders, medians over the rounds."""
    rows = [["", "member-epochs/s", "GFLOP/s", "CPU seconds a member-epoch", "ready after (s)"]]
    for name in rounds[0]:
        answers = [answers[name] for answers in rounds]
        rate = median(answer.rate for answer in answers)
        cpu = median(answer.cpu / answer.done.flop for answer in answers) * member_epoch_flop()
        each = f"{rate / member_epoch_flop():.3f}", f"{rate / 1e9:.0f}", f"{cpu:.2f}"
        rows.append([name, *each, f"{ready[name]:.0f}"])
    return table(rows)


def _over(rounds: Sequence[Round], first: str, second: str) -> tuple[float, ...]:
    return tuple(answers[first].rate / answers[second].rate for answers in rounds)


def _fastest(rounds: Sequence[Round], names: Sequence[str]) -> str:
    return max(names, key=lambda name: median(answers[name].rate for answers in rounds))
