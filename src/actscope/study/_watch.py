"""What whoever watches a study is told."""

from collections.abc import Callable
from dataclasses import dataclass

from actscope.study._member import Member
from actscope.study._outcome import Outcome
from actscope.training import Progress


@dataclass(frozen=True)
class Begun:
    """A part of the study begins: what is tuned, or what is compared.

    Attributes:
        phase: `tune` or `compare`.
        members: how many it has.
        finished: how many of them were found finished.
    """

    phase: str
    members: int
    finished: int


@dataclass(frozen=True)
class Moment:
    """A member at one moment of its training."""

    member: Member
    progress: Progress


@dataclass(frozen=True)
class Finished:
    """A member that is finished; it is in the record a moment later."""

    member: Member
    outcome: Outcome


Event = Begun | Moment | Finished
Watcher = Callable[[Event], None]
