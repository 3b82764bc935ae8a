"""How a site's examples resemble each other, and its units: streamed, batch by batch."""

import math
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

_COPY = 0.999  # |correlation| above which two units say the same: CONVENTIONS, "Copies"
# Four times float32's unit roundoff: a unit whose deviation is a smaller part of its mean shows
# nothing but the rounding of the layers before it.
_ROUNDING = 2.0**-22
_ROWS_A_UNIT = 10  # below this a covariance says more of the sample than of the units
MOST_UNITS = 512  # of a wider site so many are compared, evenly spaced
# Where the covariance stops: it is known well enough, and costs as much as a layer.
ENOUGH = 16


class Alike(NamedTuple):
    """What one batch says of its examples.

    Attributes:
        direction: sum over the examples of pre-activation (of all positions) by its norm.
        examples: number of these; those that are 0 or not finite have no direction.
    """

    direction: Float[Array, " number"]
    examples: Float[Array, ""]


class Covariance(NamedTuple):
    """What one batch says of the units.

    Attributes:
        rows: number of post-activation vectors (examples and positions).
        mean: of these.
        comoment: sum of their products, centred.
    """

    rows: Float[Array, ""]
    mean: Float[Array, " unit"]
    comoment: Float[Array, "unit unit"]


def alike(pre: Float[Array, "batch ..."]) -> Alike:
    """What a batch says of its examples.

    Args:
        pre: input of a site.
    """
    flat = pre.reshape(pre.shape[0], -1).astype(jnp.float32)
    flat = flat / jnp.maximum(jnp.abs(flat).max(axis=1, keepdims=True), 1e-37)
    norm = jnp.sqrt(jnp.square(flat).sum(axis=1, keepdims=True))
    good = jnp.isfinite(norm) & (norm > 0)
    direction = jnp.where(good, flat / jnp.where(good, norm, 1), 0).sum(axis=0)
    return Alike(direction, good.sum().astype(jnp.float32))


def covariance(post: Float[Array, "batch ... unit"], wanted: Any) -> Covariance:
    """What a batch says of the units.

    Args:
        post: output of a site.
        wanted: number of examples, the first of the batch, that enter.
    """
    among = jnp.arange(post.shape[0]) < wanted
    post = _few(post).astype(jnp.float32)
    weight = jnp.broadcast_to(among.reshape(-1, *[1] * (post.ndim - 2)), post.shape[:-1]).ravel()
    rows = post.reshape(-1, post.shape[-1])
    weight = (weight & jnp.isfinite(rows).all(axis=1)).astype(jnp.float32)
    total = weight.sum()
    # From one of the rows on: the mean of a constant is rounded, and would make it scatter.
    base = jnp.nan_to_num(rows[weight.argmax()])
    apart = jnp.where(weight[:, None] > 0, rows - base[None], 0)
    step = apart.sum(axis=0) / jnp.maximum(total, 1)
    centred = (apart - step[None]) * weight[:, None]
    return Covariance(total, base + step, jnp.dot(centred.T, centred, precision="highest"))


def _few(post: jax.Array) -> jax.Array:
    units = post.shape[-1]
    if units <= MOST_UNITS:
        return post
    return post[..., np.linspace(0, units - 1, MOST_UNITS).astype(int)]


def least(units: int) -> int:
    """Number of rows below which a covariance says more of the sample than of the units."""
    return _ROWS_A_UNIT * min(units, MOST_UNITS)


def enough(units: int, positions: int) -> int:
    """Number of examples after which the covariance of a site is known well enough."""
    return math.ceil(ENOUGH * min(units, MOST_UNITS) / positions)


@dataclass(frozen=True, eq=False)
class Together:
    """What any number of batches say: both, in float64."""

    direction: Float[np.ndarray, " number"]
    examples: float
    rows: float
    mean: Float[np.ndarray, " unit"]
    comoment: Float[np.ndarray, "unit unit"]

    @classmethod
    def of(cls, examples: Alike | None, units: Covariance | None = None) -> "Together":
        """What one batch says, fetched from the device; either may not have been asked for."""
        direction, count = examples or (np.zeros(0), 0)
        rows, mean, comoment = units or (0, np.zeros(0), np.zeros((0, 0)))
        return cls(
            np.asarray(direction, np.float64),
            float(count),
            float(rows),
            np.asarray(mean, np.float64),
            np.asarray(comoment, np.float64),
        )

    def beside(self, units: "Together | None") -> "Together":
        """The same of the examples, and of the units what another pass has found."""
        if units is None:
            return self
        return replace(self, rows=units.rows, mean=units.mean, comoment=units.comoment)

    def __add__(self, other: "Together") -> "Together":
        """What the examples of both say."""
        # Sequences of another length have no common directions.
        alike = self.direction.shape == other.direction.shape
        return Together(
            self.direction + other.direction if alike else np.zeros(0),
            self.examples + other.examples,
            *self._covariance(other),
        )

    def _covariance(self, other: "Together") -> tuple[float, np.ndarray, np.ndarray]:
        if not (self.rows and other.rows):
            one = self if self.rows else other
            return one.rows, one.mean, one.comoment
        rows, step = self.rows + other.rows, other.mean - self.mean
        share = other.rows / rows
        between = np.outer(step, step) * self.rows * share
        return rows, self.mean + step * share, self.comoment + other.comoment + between

    @property
    def correlation(self) -> float:
        """Mean uncentred cosine of the pre-activations of two examples; NaN for fewer than two."""
        n = self.examples
        if n < 2 or not self.direction.size:
            return math.nan
        return float((self.direction @ self.direction - n) / (n * (n - 1)))

    @property
    def effective_rank(self) -> float:
        """(tr C)² / tr C² of the varying units' covariance C; NaN from fewer than 10 rows a unit.

        NaN too if no unit varies by more than float32 rounds.
        """
        found = self._varying
        squares = float((found**2).sum())
        if not self._is_known or not squares:
            return math.nan
        return float(np.trace(found)) ** 2 / squares

    @property
    def copies(self) -> float:
        """Share of the units that vary with |correlation| > 0.999 to another; NaN likewise."""
        found = self._varying
        if not self._is_known or not found.size:
            return math.nan
        scale = np.sqrt(np.diag(found))
        correlation = found / np.outer(scale, scale)
        np.fill_diagonal(correlation, 0)
        return float((np.abs(correlation) > _COPY).any(axis=1).mean())

    @property
    def _varying(self) -> Float[np.ndarray, "unit unit"]:
        """The comoments of the units that vary by more than rounding."""
        varying = np.diag(self.comoment) > self.rows * (_ROUNDING * self.mean) ** 2
        return self.comoment[np.ix_(varying, varying)]

    @property
    def _is_known(self) -> bool:
        return self.rows >= max(1, _ROWS_A_UNIT * len(self.mean))
