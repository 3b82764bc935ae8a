"""The seam at each site: whoever passes `activate` in can look at the signal, or change it."""

from collections.abc import Callable, Mapping

from jaxtyping import Array, Float

from actscope.activations import Activation

Signal = Float[Array, "batch *position feature"]
# What an activation makes of it: as many numbers, unless it reads or makes several a unit.
Output = Float[Array, "batch *position output"]
# By name, broadcasting to the signal; a random activation's key in training is with them.
Learned = Mapping[str, Array]
Activate = Callable[[str, Activation, Signal, Learned], Output]


def plainly(name: str, activation: Activation, x: Signal, learned: Learned) -> Output:
    """The activation of a site, and nothing else: what `activate` is unless somebody looks."""
    del name
    return activation(x, **learned)
