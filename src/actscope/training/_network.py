"""What training asks of a network: the seam that every architecture shares."""

from typing import Any, Protocol, runtime_checkable

import jax

Params = dict[str, Any]
State = dict[str, Any]


@runtime_checkable
class Network(Protocol):
    """Hyperparameters with two pure functions; hashable, two equal ones compute the same."""

    @property
    def num_outputs(self) -> int:
        """Width of the output."""
        ...

    @property
    def program(self) -> "Network":
        """The network without what only `init` asks for: equal where `apply` is the same."""
        ...

    def init(self, key: jax.Array, x: jax.Array) -> tuple[Params, State]:
        """Fresh parameters and state for inputs like `x`, a batch of examples."""
        ...

    def apply(
        self,
        params: Params,
        state: State,
        x: jax.Array,
        *,
        key: jax.Array | None = None,
        train: bool = False,
    ) -> tuple[jax.Array, State]:
        """Outputs for each input, and the new state."""
        ...

    def hyperparameters(self) -> dict[str, Any]:
        """All that is needed to build this network again, as JSON values."""
        ...
