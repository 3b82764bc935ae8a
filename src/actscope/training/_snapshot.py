"""A run between two epochs: all that it needs to go on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped

from actscope._errors import ActscopeError
from actscope.training._history import History
from actscope.training._job import Job
from actscope.training._network import Params, State
from actscope.training._rule import Rule
from actscope.training._step import Carry, first_carry

Observed = Mapping[str, Shaped[np.ndarray, "_ ..."]]


class Weights(NamedTuple):
    """A network's parameters and state."""

    params: Params
    state: State


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What a run has come to.

    Attributes:
        carry: what the next step starts from.
        best: the network of `history.best`; the first one before the first epoch.
        history: the finished epochs.
        observed: what the instrument saw after each of them, by the dotted path of each leaf.
    """

    carry: Carry
    best: Weights
    history: History = field(default_factory=History)
    observed: Observed = field(default_factory=dict)


def begin(job: Job) -> Snapshot:
    """The snapshot before the first epoch."""
    params, state = job.begin()
    return Snapshot(first_carry(Rule.of(job), params, state), Weights(params, state))


def appended(observed: Observed, seen: Mapping[str, Shaped[np.ndarray, "..."]]) -> Observed:
    """`observed` with one more row an array.

    Raises:
        ActscopeError: the instrument did not give the same arrays as before.
    """
    rows = {name: array[None] for name, array in seen.items()}
    before, now = (
        {name: (array.shape[1:], array.dtype) for name, array in arrays.items()}
        for arrays in (observed or rows, rows)
    )
    if before != now:
        raise ActscopeError(f"observe gave {now}", expected=f"the same in every epoch: {before}")
    if not observed:
        return rows
    return {name: np.concatenate([observed[name], row]) for name, row in rows.items()}
