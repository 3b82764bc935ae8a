"""PyTorch's `calculate_gain` beside what theory says, each disagreement explained."""

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import SupportsFloat

from actscope import activations
from actscope.activations import Activation
from actscope.theory._gain import gain
from actscope.theory._gaussian import expectation
from actscope.theory._hosted import hosted
from actscope.theory._moments import moments

_SAME = (
    "The same: f(z) and z f'(z) are one, so one gain keeps the second moment of pre-activations "
    "and the norm of gradients, whatever they are."
)
_SIGMOID = (
    "1 corrects nothing. To keep a second moment of 1 takes {line.forward:.4f}, a variance "
    "{centred:.4f}, gradients {line.backward:.4f}. At 1, pre-activations settle at a second moment "
    "of {line.second_moment:.4f}, of which {shared:.0%} is the square of a mean that all inputs "
    "share, and each layer leaves {line.gradient:.4f} of a gradient's norm."
)
_TANH = (
    "PyTorch gives no reason for 5/3. To keep a second moment of 1 takes {line.forward:.4f}; at "
    "5/3, pre-activations settle at {line.second_moment:.4f} and outputs at a standard deviation "
    "of {output:.4f}, from wherever they start: signals last. But each layer multiplies a "
    "gradient's norm by {line.gradient:.4f}, {hundred:.2g} in 100 layers. No gain has both: "
    "gradients last at 1 alone, and there signals fade, ever more slowly."
)
_SELU = (
    "SELU is made for 1 (Klambauer et al., 2017): a mean of 0 and a variance of 1 stay. PyTorch's "
    "3/4 was found by trial, from gradients through 100 layers (its pull request 50664). Theory "
    "agrees with the trial: at 3/4, outputs settle at a standard deviation of {output:.4f}, and "
    "each layer multiplies a gradient's norm by {line.gradient:.4f}, {hundred:.2g} in 100 layers; "
    "at 1, by {at_forward:.4f}, {hundred_at_forward:.2g} in 100. The price is the normalization."
)


@dataclass(frozen=True)
class TorchGain:
    """One line of PyTorch's table.

    Attributes:
        name: the activation's label.
        torch: `torch.nn.init.calculate_gain` of it.
        forward: the gain that keeps a second moment of 1.
        backward: the gain that keeps gradients at a second moment of 1.
        second_moment: where pre-activations settle at PyTorch's gain, from a second moment of 1.
        gradient: there, the factor of each layer to a gradient's norm, √χ₁.
        explanation: where they differ, and what that does.
    """

    name: str
    torch: float
    forward: float
    backward: float
    second_moment: float
    gradient: float
    explanation: str


@cache
def beside_torch() -> tuple[TorchGain, ...]:
    """PyTorch's table in its order, as of version 2, leaky ReLU at its default slope of 0.01."""
    leaky = activations.get("leaky_relu", negative_slope=0.01)
    return (
        _line(activations.get("identity"), 1.0, _SAME),
        _line(activations.get("sigmoid"), 1.0, _SIGMOID),
        _line(activations.get("tanh"), 5 / 3, _TANH),
        _line(activations.get("relu"), math.sqrt(2), _SAME),
        _line(leaky, math.sqrt(2 / (1 + 0.01**2)), _SAME),
        _line(activations.get("selu"), 3 / 4, _SELU),
    )


def _line(f: Activation, torch: float, words: str) -> TorchGain:
    q = _settled(f, torch)
    there = moments(f, q)
    forward = gain(f)
    at_forward = forward * math.sqrt(moments(f).slope_second)
    bare = TorchGain(
        name=f.label,
        torch=torch,
        forward=forward,
        backward=gain(f, "backward"),
        second_moment=q,
        gradient=torch * math.sqrt(there.slope_second),
        explanation="",
    )
    explanation = words.format(
        line=bare,
        centred=gain(f, "centred"),
        shared=there.mean**2 / there.second,
        output=math.sqrt(there.second),
        hundred=bare.gradient**100,
        at_forward=at_forward,
        hundred_at_forward=at_forward**100,
    )
    return replace(bare, explanation=explanation)


def _settled(f: Activation, gain: float) -> float:
    """The second moment of pre-activations after many layers without biases."""
    from scipy.optimize import fixed_point

    here = hosted(f)

    def layer(q: SupportsFloat) -> float:
        return gain**2 * expectation(lambda z: here.value(z) ** 2, float(q), here.breaks)

    return float(fixed_point(layer, 1.0, xtol=1e-12))
