"""What training asks of a network: the seam that every architecture shares."""

from typing import Any, Protocol, runtime_checkable

import jax

Params = dict[str, Any]
State = dict[str, Any]


@runtime_checkable
class Network(Protocol):
    """Hyperparameters with two pure functions; hashable, two equal ones compute the same."""

    @property
    def num_classes(self) -> int:
        """Number of logits."""
        ...

    def init(self, key: jax.Array, x: jax.Array) -> tuple[Params, State]:
        """Fresh parameters and state for inputs like `x`."""
        ...

    def apply(
        self, params: Params, state: State, x: jax.Array, *, train: bool = False
    ) -> tuple[jax.Array, State]:
        """Logits of each input, and the new state."""
        ...

    def hyperparameters(self) -> dict[str, Any]:
        """All that is needed to build this network again, as JSON values."""
        ...
