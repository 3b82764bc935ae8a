"""What was measured at one site of a network: what a profile is drawn from."""

from dataclasses import dataclass

from actscope._signal import Signal


@dataclass(frozen=True, eq=False)
class Reading:
    """One site; what is not known is NaN.

    Attributes:
        name: of the site, such as `layers.0`.
        activation: its label, for the colour.
        units: number of features.
        pre: the activation's input.
        post: its output.
        gradient: of the loss with respect to `pre`; None without a loss.
        dead: share of the units that are dead.
        saturated: share of the examples that meet hardly any slope.
        correlation: mean cosine of the inputs of two examples.
        effective_rank: dimensions that the outputs span.
        copies: share of the units that say what another says.
    """

    name: str
    activation: str
    units: int
    pre: Signal
    post: Signal
    gradient: Signal | None
    dead: float
    saturated: float
    correlation: float
    effective_rank: float
    copies: float
