"""Functions that level off as a power of x does, where the sigmoid does so exponentially."""

import math
from typing import Any

import jax
import jax.numpy as jnp

from actscope.activations._activation import Activation, Facts, require_positive
from actscope.activations._floating import Numbers
from actscope.activations._precise import derivative_is, in_float32

Setting = jax.typing.ArrayLike

# LeCun's scale for tanh, and the coefficient of y⁴ in the rational function that stands for it.
LECUN = 1.7159
_QUARTIC = 1.41645


@in_float32
def soft_sign(x: Numbers) -> jax.Array:
    """x/(1 + |x|).

    The second derivative jumps at 0, from 2 to -2; there it is 0.
    """
    return _soft_sign(x)


@in_float32
def isru(x: Numbers, alpha: Setting = 1.0) -> jax.Array:
    """x/√(1 + alpha x²), the inverse square root unit, for alpha > 0.

    The textbook form is 0 where x² overflows, beyond 1e19 in float32; the true value there is
    1 / √alpha.
    """
    return _isru(x, alpha)


@in_float32
def bent_identity(x: Numbers) -> jax.Array:
    """(√(x² + 1) - 1) / 2 + x, written as x + x t / 2 with t = x / (√(x² + 1) + 1).

    The textbook form loses the square of a small x, and overflows where x² does.
    """
    return _bent_identity(x)


@in_float32
def symmetric_rational(x: Numbers, p: Setting = 3.0) -> jax.Array:
    """x/(1 + |x|^p)^(1/p), for p > 0: the sharper the larger p is.

    With p = 1 it is `soft_sign`, with p = 2 `isru`, and `hard_tanh` is its limit. The textbook
    form is 0 where |x|^p overflows.
    """
    return _symmetric_rational(x, p)


@in_float32
def rational_tanh(x: Numbers) -> jax.Array:
    """1.7159 sign(y) (1 - 1 / (1 + |y| + y² + 1.41645 y⁴)), y = 2x/3.

    It was made for speed, in place of 1.7159 tanh(2x/3), from which it is up to 0.025 away. The
    textbook form cancels near 0.
    """
    return _rational_tanh(x)


def _held(x: Any) -> jax.Array:
    """`x` with infinity at the largest finite number, where these are at their limits already."""
    largest = jnp.finfo(jnp.result_type(x)).max
    return jnp.clip(x, -largest, largest)


def _soft_sign_curvature(x: jax.Array) -> jax.Array:
    return -2 * jnp.sign(x) / (1 + jnp.abs(x)) * _soft_sign_slope(x)


@derivative_is(_soft_sign_curvature)
def _soft_sign_slope(x: jax.Array) -> jax.Array:
    root = 1 / (1 + jnp.abs(x))
    return root * root


@derivative_is(_soft_sign_slope)
def _soft_sign(x: jax.Array) -> jax.Array:
    held = _held(x)
    return held / (1 + jnp.abs(held))


def _scaled(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """x/m and 1/m with m = max(1, |x|): numbers whose powers do not overflow."""
    held = _held(x)
    largest = jnp.maximum(1, jnp.abs(held))
    return held / largest, 1 / largest


def _isru_curvature(x: jax.Array, alpha: Setting) -> jax.Array:
    return jnp.asarray(-3 * alpha * _isru(x, alpha) * _inverse_root(x, alpha) ** 4)


@derivative_is(_isru_curvature)
def _isru_slope(x: jax.Array, alpha: Setting) -> jax.Array:
    return _inverse_root(x, alpha) ** 3


@derivative_is(_isru_slope)
def _isru(x: jax.Array, alpha: Setting) -> jax.Array:
    u, v = _scaled(x)
    return jnp.asarray(u / jnp.sqrt(v * v + alpha * u * u))


def _inverse_root(x: jax.Array, alpha: Setting) -> jax.Array:
    """1 / √(1 + alpha x²)."""
    u, v = _scaled(x)
    return v / jnp.sqrt(v * v + alpha * u * u)


def _bent_curvature(x: jax.Array) -> jax.Array:
    return 0.5 * _inverse_root(x, 1.0) ** 3


@derivative_is(_bent_curvature)
def _bent_slope(x: jax.Array) -> jax.Array:
    return 1 + 0.5 * _isru(x, 1.0)


@derivative_is(_bent_slope)
def _bent_identity(x: jax.Array) -> jax.Array:
    u, v = _scaled(x)
    return x * (1 + 0.5 * u / (jnp.sqrt(v * v + u * u) + v))


def _power(x: jax.Array, p: Setting, exponent: Setting) -> jax.Array:
    """((1 + |x|^p) / m^p)^exponent, with m = max(1, |x|)."""
    u, v = _scaled(x)
    return jnp.exp(exponent * jnp.log1p((jnp.abs(u) * v) ** p))


def _symmetric_curvature(x: jax.Array, p: Setting) -> jax.Array:
    u, v = _scaled(x)
    powers = jnp.sign(u) * jnp.abs(u) ** (p - 1) * v ** (p + 2)
    return jnp.asarray(-(p + 1) * powers * _power(x, p, -2 - 1 / p))


@derivative_is(_symmetric_curvature)
def _symmetric_slope(x: jax.Array, p: Setting) -> jax.Array:
    _, v = _scaled(x)
    return v ** (p + 1) * _power(x, p, -1 - 1 / p)


@derivative_is(_symmetric_slope)
def _symmetric_rational(x: jax.Array, p: Setting) -> jax.Array:
    u, _ = _scaled(x)
    return u * _power(x, p, -1 / p)


def _polynomial(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """|y|, and d = |y| + y² + 1.41645 y⁴, y so far only that no power overflows."""
    farthest = 0.25 * float(jnp.finfo(x.dtype).max) ** 0.25
    y = jnp.minimum(2 / 3 * jnp.abs(x), farthest)
    return y, y * (1 + y * (1 + _QUARTIC * y * y))


def _rational_tanh_curvature(x: jax.Array) -> jax.Array:
    y, d = _polynomial(x)
    root = 1 / (1 + d)
    # d'' (1 + d) - 2 d'² multiplied out: near 0 the two cancel.
    inner = jnp.minimum(y, 1)
    rest = inner * (12 - inner * (4 + inner * (18 + 20 * _QUARTIC * inner * inner)))
    near = inner * (-6 - 6 * inner + _QUARTIC * rest) * root**3
    # Far out they do not, but the product itself would overflow.
    first, second = (1 + 2 * y + 4 * _QUARTIC * y**3) * root, (2 + 12 * _QUARTIC * y * y) * root
    far = (second - 2 * first * first) * root
    return LECUN * 4 / 9 * jnp.sign(x) * jnp.where(y < 1, near, far)


@derivative_is(_rational_tanh_curvature)
def _rational_tanh_slope(x: jax.Array) -> jax.Array:
    y, d = _polynomial(x)
    root = 1 / (1 + d)
    return LECUN * 2 / 3 * ((1 + 2 * y + 4 * _QUARTIC * y**3) * root) * root


@derivative_is(_rational_tanh_slope)
def _rational_tanh(x: jax.Array) -> jax.Array:
    _, d = _polynomial(x)
    return LECUN * jnp.sign(x) * (d / (1 + d))


def _isru_facts(alpha: float) -> Facts:
    require_positive("isru", "alpha", alpha)
    end = 1 / math.sqrt(alpha)
    return Facts(range=(-end, end), symmetry="odd")


def _symmetric_facts(p: float) -> Facts:
    require_positive("symmetric_rational", "p", p)
    # Around 0 it is x - x |x|^p / p + …, where derivatives up to the p-th exist, rounded up.
    analytic = p % 2 == 0
    return Facts(
        range=(-1.0, 1.0),
        knots=() if analytic else (0.0,),
        smoothness=math.inf if analytic else math.ceil(p),
        symmetry="odd",
    )


RATIONAL = (
    Activation(
        name="soft_sign",
        function=soft_sign,
        formula="x / (1 + |x|)",
        latex=r"\frac{x}{1 + |x|}",
        source="Elliott 1993; Bergstra, Desjardins, Lamblin and Bengio 2009 (softsign)",
        facts=lambda: Facts(range=(-1.0, 1.0), knots=(0.0,), smoothness=1, symmetry="odd"),
        family="saturating",
        aliases=("softsign",),
    ),
    Activation(
        name="isru",
        function=isru,
        settings=(("alpha", 1.0),),
        formula="x / √(1 + alpha · x²)",
        latex=r"\frac{x}{\sqrt{1 + \alpha x^2}}",
        source="Carlile, Delamarter, Kinney, Marti and Whitney 2017 (ISRLU), the section on ISRU",
        facts=_isru_facts,
        family="saturating",
        why=(("alpha", "the range is then that of tanh, (-1, 1)"),),
    ),
    Activation(
        name="bent_identity",
        function=bent_identity,
        formula="(√(x² + 1) - 1) / 2 + x",
        latex=r"\frac{\sqrt{x^2 + 1} - 1}{2} + x",
        source="without a paper that we know of; Wikipedia, Activation function",
        # The slope climbs from ½ to 3/2, and the function grows for ever on both sides.
        facts=lambda: Facts(largest_slope=1.5),
        family="saturating",
    ),
    Activation(
        name="symmetric_rational",
        function=symmetric_rational,
        settings=(("p", 3.0),),
        formula="x / (1 + |x|^p)^(1/p)",
        latex=r"\frac{x}{\left(1 + |x|^p\right)^{1/p}}",
        source="Wikipedia, Sigmoid function; p = 1: Elliott 1993; p = 2: Carlile et al. 2017",
        facts=_symmetric_facts,
        family="saturating",
        why=(("p", "the least whole number whose function is not in the table already"),),
    ),
    Activation(
        name="rational_tanh",
        function=rational_tanh,
        formula="1.7159 · sign(y) · (1 - 1 / (1 + |y| + y² + 1.41645 · y⁴)), y = 2x/3",
        latex=r"1.7159\,\operatorname{sign}(y)"
        r"\left(1 - \frac{1}{1 + |y| + y^2 + 1.41645\,y^4}\right),\; y = \tfrac{2}{3} x",
        source="Kalinovskii and Spitsyn 2015 (arXiv 1508.01292); Deeplearning4j's RATIONALTANH",
        # With d(y) the denominator, f'' goes as -6y + 12 (1 + 1.41645) y |y| + …: three
        # derivatives at 0. The slope falls from 1.7159 · 2/3 at 0.
        facts=lambda: Facts(
            range=(-LECUN, LECUN),
            largest_slope=LECUN * 2 / 3,
            knots=(0.0,),
            smoothness=3,
            symmetry="odd",
        ),
        family="saturating",
    ),
)
