"""Piecewise linear functions whose slopes and corners a network learns."""

import jax
import jax.numpy as jnp

from actscope.activations._activation import Activation, Facts
from actscope.activations._floating import Numbers
from actscope.activations._pieces import linear_facts
from actscope.activations._precise import in_float32
from actscope.activations._rectified import leaky_facts, leaky_relu

Setting = jax.typing.ArrayLike


@in_float32
def srelu(
    x: Numbers,
    t_l: Setting = 0.0,
    a_l: Setting = 0.25,
    t_r: Setting = 1.0,
    a_r: Setting = 1.0,
) -> jax.Array:
    """X between t_l and t_r; beyond them it goes on with slopes a_l and a_r.

    At either corner the derivative is that on the left. Should t_l come to exceed t_r, what lies
    above t_r is right of it.
    """
    x = jnp.asarray(x)
    inner = jnp.where(x > t_l, x, t_l + a_l * (x - t_l))
    return jnp.where(x > t_r, t_r + a_r * (x - t_r), inner)


@in_float32
def apl(
    x: Numbers,
    a_1: Setting = -0.1,
    b_1: Setting = -0.5,
    a_2: Setting = -0.1,
    b_2: Setting = 0.5,
) -> jax.Array:
    """max(x, 0) + a_1 · max(b_1 - x, 0) + a_2 · max(b_2 - x, 0).

    At each corner the derivative is that on the left.
    """
    x = jnp.asarray(x)
    hinges = a_1 * _below(x, b_1) + a_2 * _below(x, b_2)
    return jnp.where(x > 0, x, 0) + hinges


def _below(x: jax.Array, b: Setting) -> jax.Array:
    return jnp.where(x <= b, b - x, 0)


def _srelu_facts(t_l: float, a_l: float, t_r: float, a_r: float) -> Facts:
    def value(x: float) -> float:
        if x > t_r:
            return t_r + a_r * (x - t_r)
        return x if x > t_l else t_l + a_l * (x - t_l)

    def slope(x: float) -> float:
        if x > t_r:
            return a_r
        return 1.0 if x > t_l else a_l

    return linear_facts(value, slope, (t_l, t_r))


def _apl_facts(a_1: float, b_1: float, a_2: float, b_2: float) -> Facts:
    hinges = ((a_1, b_1), (a_2, b_2))
    return linear_facts(
        lambda x: max(x, 0.0) + sum(a * max(b - x, 0.0) for a, b in hinges),
        lambda x: float(x > 0) - sum(a for a, b in hinges if x < b),
        (0.0, b_1, b_2),
    )


HINGES = (
    Activation(
        name="prelu",
        function=leaky_relu,
        settings=(("negative_slope", 0.25),),
        trainable=("negative_slope",),
        formula="x if x > 0 else negative_slope · x",
        latex=r"\max(x, 0) + a \min(x, 0)",
        source="He, Zhang, Ren and Sun 2015, eq. 1",
        facts=leaky_facts,
        family="trainable",
        why=(("negative_slope", "where He et al. and torch.nn.PReLU start"),),
    ),
    Activation(
        name="srelu",
        function=srelu,
        settings=(("t_l", 0.0), ("a_l", 0.25), ("t_r", 1.0), ("a_r", 1.0)),
        trainable=("t_l", "a_l", "t_r", "a_r"),
        formula="x if t_l < x ≤ t_r; t_l + a_l · (x - t_l) below, t_r + a_r · (x - t_r) above",
        latex=r"\begin{cases} t^r + a^r (x - t^r) & x > t^r \\ x & t^l < x \le t^r \\"
        r" t^l + a^l (x - t^l) & x \le t^l \end{cases}",
        source="Jin, Xu, Feng, Wei, Xiong and Yan 2016, eq. 1",
        facts=_srelu_facts,
        family="trainable",
        why=(
            ("t_l", "it starts as a leaky rectifier, as in the paper"),
            ("a_l", "as of prelu; the paper leaves it open"),
            ("t_r", "any positive number, in the paper, as long as a_r is 1"),
            ("a_r", "it starts as a leaky rectifier, as in the paper"),
        ),
    ),
    Activation(
        name="apl",
        function=apl,
        settings=(("a_1", -0.1), ("b_1", -0.5), ("a_2", -0.1), ("b_2", 0.5)),
        trainable=("a_1", "b_1", "a_2", "b_2"),
        formula="max(x, 0) + a_1 · max(b_1 - x, 0) + a_2 · max(b_2 - x, 0)",
        latex=r"\max(x, 0) + \sum_{s=1}^{2} a_s \max(b_s - x, 0)",
        source="Agostinelli, Hoffman, Sadowski and Baldi 2015, eq. 1, with S = 2",
        facts=_apl_facts,
        family="trainable",
        # The authors' code draws each a from U(-0.2, 0.2) and each b from N(0, 0.5²).
        why=(
            ("a_1", "mean size of what the authors draw, with the sign of a leaky rectifier"),
            ("b_1", "one standard deviation of what the authors draw, below 0"),
            ("a_2", "mean size of what the authors draw, with the sign of a leaky rectifier"),
            ("b_2", "one standard deviation of what the authors draw, above 0"),
        ),
    ),
)
