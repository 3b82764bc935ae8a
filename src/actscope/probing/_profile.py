"""What a probe found: sites, outputs and parameters, each with its signals."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool

from actscope._signal import Signal, json_number
from actscope.activations import Activation
from actscope.probing._finding import Finding


@dataclass(frozen=True, eq=False)
class Site:
    """A place where a nonlinearity acts elementwise on a signal.

    Attributes:
        name: path of the layer, such as `layers.0`.
        activation: name of the activation.
        function: the activation itself, at the settings found; None if no table holds it.
        role: `hidden` or `output`.
        source: file and line where the activation is called.
        units: number of features.
        shape: of one example of its input, units last.
        pre: the activation's input.
        post: its output.
        gradient: of each example's own loss with respect to `pre`, through the activation alone
            (a skip past it is not counted); None without a loss.
        dead: units whose local derivative is 0 in every example; also where a kink ends an
            interval on which the function is constant, whatever derivative the program has there.
        dead_structural: those of them that only ever met inputs on which the function is
            constant; the others are dead by rounding alone.
        always_zero: units whose output is exactly 0 in every example (the tutorial's "dead").
        saturated_fraction: share of examples, over units that are not dead and where the function
            is not flat by design, with |f'| under 5 % of its supremum; NaN if none is left.
        correlation: mean cosine of the pre-activations (of all positions together) of two
            examples, not centred: 1 where all examples look alike.
        effective_rank: (tr C)² / tr C² of the covariance C of the post-activations over examples
            and positions; NaN from fewer than 10 a unit. Of the data's first examples, 16 a unit,
            and of 512 units at most, evenly spaced.
        copies: share of the units that vary whose correlation with another of them is beyond
            ±0.999; NaN likewise.
    """

    name: str
    activation: str
    function: Activation | None
    role: str
    source: str
    units: int
    shape: tuple[int, ...]
    pre: Signal
    post: Signal
    gradient: Signal | None
    dead: Bool[np.ndarray, " unit"]
    dead_structural: Bool[np.ndarray, " unit"]
    always_zero: Bool[np.ndarray, " unit"]
    saturated_fraction: float
    correlation: float
    effective_rank: float
    copies: float

    def to_json(self) -> dict[str, Any]:
        """The contract's entry of `sites`."""
        return {
            "name": self.name,
            "activation": self.activation,
            "role": self.role,
            "source": self.source,
            "units": self.units,
            "pre": self.pre.to_json(),
            "post": self.post.to_json(),
            "gradient": self.gradient.to_json() if self.gradient else None,
            "dead": int(self.dead.sum()),
            "dead_structural": int(self.dead_structural.sum()),
            "dead_units": np.flatnonzero(self.dead).tolist(),
            "saturated_fraction": json_number(self.saturated_fraction),
            "correlation": json_number(self.correlation),
            "effective_rank": json_number(self.effective_rank),
            "copies": json_number(self.copies),
        }


@dataclass(frozen=True, eq=False)
class Parameter:
    """One array of parameters and the gradient of the mean loss with respect to it."""

    name: str
    shape: tuple[int, ...]
    gradient: Signal

    def to_json(self) -> dict[str, Any]:
        """The contract's entry of `parameters`."""
        return {
            "name": self.name,
            "shape": list(self.shape),
            "gradient": self.gradient.to_json(),
        }


@dataclass(frozen=True, eq=False)
class Profile:
    """Everything that one probe found.

    Attributes:
        examples: number of examples seen.
        loss: mean over all examples; None without a loss.
        accuracy: share of examples whose largest output is the target; None where targets are
            not classes.
        outputs: the network's outputs.
        sites: in the order in which the signal meets them.
        parameters: in the order of the layers; empty without a loss.
        excluded: names of places that were passed over, each with the reason.
        findings: what is wrong with it, the worst first; empty if nobody asked.
    """

    examples: int
    loss: float | None
    accuracy: float | None
    outputs: tuple[Signal, ...]
    sites: tuple[Site, ...]
    parameters: tuple[Parameter, ...]
    excluded: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def dead(self) -> list[int]:
        """Number of dead units at each site."""
        return [int(site.dead.sum()) for site in self.sites]

    def signals(self) -> dict[str, Signal]:
        """Pre- and post-activation of every site, then the outputs, by a title for each."""
        found: dict[str, Signal] = {}
        for site in self.sites:
            found[f"{site.name} – pre-activation"] = site.pre
            found[f"{site.name} – {site.activation}"] = site.post
        for index, output in enumerate(self.outputs):
            found["output" if len(self.outputs) == 1 else f"output {index}"] = output
        return found

    def to_json(self) -> dict[str, Any]:
        """The contract's `probe` object."""
        return {
            "schema": "actscope.probe/1",
            "examples": self.examples,
            "loss": json_number(self.loss),
            "accuracy": json_number(self.accuracy),
            "outputs": [output.to_json() for output in self.outputs],
            "excluded": [{"name": name, "reason": reason} for name, reason in self.excluded],
            "sites": [site.to_json() for site in self.sites],
            "parameters": [parameter.to_json() for parameter in self.parameters],
            "findings": [finding.to_json() for finding in self.findings],
        }
