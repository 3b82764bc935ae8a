"""Functions that let positive values pass and hold negative ones back."""

import math

import jax
import jax.numpy as jnp

from actscope._errors import ActscopeError
from actscope.activations._activation import Activation, Facts
from actscope.activations._elu import ELU
from actscope.activations._floating import Numbers, floating
from actscope.activations._precise import in_float32
from actscope.activations._shrinking import SHRINKING
from actscope.activations._softplus import SOFTPLUS

Setting = jax.typing.ArrayLike


def relu(x: Numbers) -> jax.Array:
    """max(x, 0); the derivative at 0 is 0, as in `jax.nn.relu` (`jnp.maximum` has ½ there)."""
    return _relu(floating(x))


@jax.custom_jvp
def _relu(x: jax.Array) -> jax.Array:
    return jnp.maximum(x, 0)


@_relu.defjvp
def _relu_jvp(primals: tuple[jax.Array], tangents: tuple[jax.Array]) -> tuple[jax.Array, jax.Array]:
    (x,), (tangent,) = primals, tangents
    return _relu(x), jnp.where(x > 0, tangent, 0)


@in_float32
def leaky_relu(x: jax.Array, negative_slope: Setting = 0.1) -> jax.Array:
    """X where x > 0, else negative_slope · x; the derivative at 0 is `negative_slope`."""
    return jnp.where(x > 0, x, negative_slope * x)


@in_float32
def rrelu(
    x: jax.Array,
    lower: Setting = 1 / 8,
    upper: Setting = 1 / 3,
    *,
    key: jax.Array | None = None,
) -> jax.Array:
    """A leaky ReLU whose negative slope each number draws for itself, for lower ≤ upper.

    Args:
        x: points, of any shape.
        lower: the least slope.
        upper: the greatest.
        key: of the slopes, uniform from `lower` to `upper`; without it all have the mean of these,
            as in evaluation.
    """
    if key is None:
        return leaky_relu(x, 0.5 * (lower + upper))
    return leaky_relu(x, jax.random.uniform(key, x.shape, x.dtype, lower, upper))


def relu6(x: Numbers) -> jax.Array:
    """min(max(x, 0), 6); the derivative is 0 at 0 and 1 at 6 (in `jax.nn.relu6` 0 at both)."""
    x = floating(x)
    return jnp.where(x > 6, 6, _relu(x))


@in_float32
def squared_relu(x: jax.Array) -> jax.Array:
    """max(x, 0)²; the second derivative at 0 is 0."""
    return _relu(x) * _relu(x)


def crelu(x: Numbers) -> jax.Array:
    """max(x, 0) and then max(-x, 0), joined along the last axis, which so becomes twice as long.

    The derivatives of both at 0 are 0. A number that has no axis counts as one of length 1.
    """
    x = jnp.atleast_1d(floating(x))
    return jnp.concatenate([_relu(x), _relu(-x)], axis=-1)


def leaky_facts(negative_slope: float) -> Facts:
    straight = negative_slope == 1
    return Facts(
        kinks=() if straight else (0.0,),
        range=(-math.inf if negative_slope > 0 else 0.0, math.inf),
        monotone=negative_slope >= 0,
        largest_slope=max(1.0, abs(negative_slope)),
        flat=() if negative_slope else ((-math.inf, 0.0),),
        smoothness=math.inf if straight else 0,
        symmetry="odd" if straight else "even" if negative_slope == -1 else "",
    )


def _rrelu_facts(lower: float, upper: float) -> Facts:
    if lower > upper:
        raise ActscopeError(
            f"rrelu: slopes from lower = {lower:g} to upper = {upper:g}",
            expected="lower not above upper",
        )
    return leaky_facts(0.5 * (lower + upper))


RECTIFIED = (
    Activation(
        name="relu",
        function=relu,
        formula="max(x, 0)",
        latex=r"\max(x, 0)",
        source="Nair and Hinton 2010, section 2; Fukushima 1969",
        facts=lambda: leaky_facts(0.0),
        family="rectified",
    ),
    Activation(
        name="leaky_relu",
        function=leaky_relu,
        settings=(("negative_slope", 0.1),),
        formula="x if x > 0 else negative_slope · x",
        latex=r"\begin{cases} x & x > 0 \\ \alpha x & x \le 0 \end{cases}",
        source="Maas, Hannun and Ng 2013, section 2",
        facts=leaky_facts,
        family="rectified",
        aliases=("leakyrelu", "lrelu"),
        why=(("negative_slope", "the tutorial's; jax.nn, torch.nn and the paper have 0.01"),),
    ),
    *ELU,
    Activation(
        name="relu6",
        function=relu6,
        formula="min(max(x, 0), 6)",
        latex=r"\min(\max(x, 0), 6)",
        source="Krizhevsky 2010 (Convolutional deep belief networks on CIFAR-10)",
        facts=lambda: Facts(
            kinks=(0.0, 6.0),
            range=(0.0, 6.0),
            flat=((-math.inf, 0.0), (6.0, math.inf)),
            smoothness=0,
        ),
        family="rectified",
    ),
    Activation(
        name="rrelu",
        function=rrelu,
        settings=(("lower", 1 / 8), ("upper", 1 / 3)),
        formula="x if x > 0 else a · x, a uniform from lower to upper; in evaluation their mean",
        latex=r"\begin{cases} x & x > 0 \\ a x & x \le 0 \end{cases},\; a \sim U(l, u)",
        source="Xu, Wang, Chen and Li 2015, section 2.4",
        facts=_rrelu_facts,
        family="rectified",
        aliases=("randomized_relu", "randomised_relu"),
        why=(
            ("lower", "that of torch.nn: the paper divides by 8 at most"),
            ("upper", "that of torch.nn: the paper divides by 3 at least"),
        ),
        random=True,
    ),
    Activation(
        name="squared_relu",
        function=squared_relu,
        formula="max(x, 0)²",
        latex=r"\max(x, 0)^2",
        source="So, Mańke, Liu, Dai, Shazeer and Le 2021 (Primer), section 4",
        facts=lambda: Facts(
            range=(0.0, math.inf),
            largest_slope=math.inf,
            flat=((-math.inf, 0.0),),
            knots=(0.0,),
            smoothness=1,
        ),
        family="rectified",
        aliases=("relu_squared", "relu2"),
    ),
    Activation(
        name="crelu",
        function=crelu,
        formula="max(x, 0) and max(-x, 0), side by side",
        latex=r"\left(\max(x, 0),\, \max(-x, 0)\right)",
        source="Shang, Sohn, Almeida and Lee 2016, section 2",
        # Of the pair: one of the two falls, and nowhere are both constant.
        facts=lambda: Facts(kinks=(0.0,), range=(0.0, math.inf), monotone=False, smoothness=0),
        family="rectified",
        aliases=("concatenated_relu", "concat_relu"),
        makes=2,
    ),
    *SOFTPLUS,
    *SHRINKING,
)
