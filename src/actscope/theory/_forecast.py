"""What to expect of the signals and gradients of a given network before training.

Each number is that of the limit of infinite width, with what finite width does to it, to first
order in 1/width: how the average over networks shifts, and how far single networks scatter.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from actscope._errors import ActscopeError
from actscope.activations import Activation
from actscope.theory._gaussian import expectation
from actscope.theory._hosted import Hosted, hosted
from actscope.theory._layer import Layer, require_network
from actscope.theory._response import Response, Spread, Uniform, response
from actscope.theory._shares import Shares

_NORMAL_FOURTH = 3.0  # E[x⁴]/E[x²]² of inputs, where only the weights' kurtosis asks for it
_LEAST = 1e-150  # of E[f'²]: what is less has a square that underflows, and no gradient to speak of


@dataclass(frozen=True)
class Estimate:
    """One number of a layer, over networks drawn at random.

    Attributes:
        limit: at infinite width.
        shift: what to add for the average over networks of the given widths.
        scatter: standard deviation between single networks, each seen with one example; several
            examples that differ average some of it out.
    """

    limit: float
    shift: float = 0.0
    scatter: float = 0.0

    @property
    def expected(self) -> float:
        """The average over networks of the given widths."""
        return self.limit + self.shift

    @property
    def allowance(self) -> float:
        """How far from the limit finite width puts the average over networks."""
        return abs(self.shift)


@dataclass(frozen=True)
class LayerForecast:
    """What to expect of one hidden layer.

    Attributes:
        second_moment: of a pre-activation.
        mean: of a pre-activation; over networks 0.
        post_second_moment: of a post-activation.
        post_mean: likewise.
        zeros: share of post-activations that are 0 because f is, on an interval; what only
            underflows to 0 is not counted.
        saturated: share of pre-activations with |f'| under 5 % of sup |f'| (where that is
            infinite, of the root mean square of f' under N(0, 1)), among those outside of the
            half-lines on which f is constant; NaN if there is none.
        gradient_norm: root mean square, over networks, of the norm of an example's gradient with
            respect to the pre-activations, relative to that at the last hidden layer. A shift is
            that of this ratio of averages.
    """

    second_moment: Estimate
    mean: Estimate
    post_second_moment: Estimate
    post_mean: Estimate
    zeros: Estimate
    saturated: Estimate
    gradient_norm: Estimate


@dataclass(frozen=True)
class Forecast:
    """What to expect of a network before training.

    Attributes:
        activation: label of the function.
        layers: the hidden layers in the order of the signal.
    """

    activation: str
    layers: tuple[LayerForecast, ...]


def forecast(
    f: Activation | str | Callable[..., object],
    layers: Sequence[Layer],
    input_second_moment: float = 1.0,
) -> Forecast:
    """What to expect of each hidden layer of a dense network.

    With q_1 = σ_w² E[x²] + σ_b² the pre-activations of layer l are N(0, q_l) in the limit, where
    q_(l+1) = σ_w² E[f(z)²] + σ_b². Going back, the mean square of a gradient's norm changes by
    σ_w² E[f'(z_l)²] from layer l + 1 to layer l, on the assumption that the weights that it meets
    are independent of those that the signal met. The shift undoes that, to first order.

    Args:
        f: the activation function; of a trainable one, what it starts as.
        layers: the hidden ones and the output layer, in the order of the signal.
        input_second_moment: mean square of the numbers of an input. Where examples differ in it,
            their average is right as long as the moments of f are nearly linear in q there.

    Raises:
        ActscopeError: the layers do not fit together, there is no hidden one, a moment of f is
            infinite, or f is no fixed function of one number.

    Reference:
        Poole, Lahiri, Raghu, Sohl-Dickstein and Ganguli 2016, eq. 3; Schoenholz, Gilmer, Ganguli
        and Sohl-Dickstein 2017, eq. 7; the corrections as in Yaida 2020.
    """
    require_network(layers)
    if not 0 <= input_second_moment < math.inf:
        raise ActscopeError(
            f"inputs of mean square {input_second_moment}", expected="a finite number of at least 0"
        )
    curves = hosted(f)
    sites = _sites(curves, layers, input_second_moment)
    shares = Shares.of(curves, math.sqrt(max(site.q for site in sites)))
    norms = _gradient_norms(sites)
    return Forecast(
        activation=curves.activation.label,
        layers=tuple(
            LayerForecast(
                second_moment=site.estimate(site.own_square),
                mean=Estimate(0.0, 0.0, math.sqrt(site.q / site.layer.fan_out)),
                post_second_moment=site.estimate(site.square),
                post_mean=site.estimate(site.value),
                zeros=site.estimate(shares.zeros(site.q, site.uniform)),
                saturated=site.estimate(shares.saturated(site.q, site.uniform)),
                gradient_norm=norm,
            )
            for site, norm in zip(sites, norms, strict=True)
        ),
    )


@dataclass(frozen=True)
class _Site:
    """The pre-activations z of a hidden layer: N(0, q) but for their spread."""

    layer: Layer
    after: Layer
    q: float
    spread: Spread
    value: Response  # of f
    square: Response  # of f²
    slope: Response  # of f'²
    both: float  # E[f² f'²]
    uniform: Uniform | None

    def estimate(self, of: Response) -> Estimate:
        width = self.layer.fan_out
        return Estimate(of.mean, of.shift(self.spread), math.sqrt(of.variance(self.spread, width)))

    @property
    def own_square(self) -> Response:
        """Of z²."""
        fourth = 3 * self.q**2 + self.layer.kurtosis * self.layer.bias_variance**2
        return Response(self.q, fourth, 2 * self.q, 0.0)

    @cached_property
    def next_q(self) -> float:
        return self.after.second_moment(self.square.mean)

    @cached_property
    def next_spread(self) -> Spread:
        """Of the layer after this one, whose variance is that of an average over this one."""
        if self.next_q == 0:
            return Spread()
        scale = self.after.gain / self.next_q
        variance = scale**2 * self.square.variance(self.spread, self.layer.fan_out)
        return Spread(
            shift=scale * self.square.shift(self.spread),
            variance=variance,
            # Of a mixture of normal distributions, and of parameters that are not normal.
            kurtosis=3 * variance
            + _kurtosis(self.after, self.square.second / self.after.fan_in, self.next_q),
        )

    # What follows is relative: of the deviations κ of K, the layer's variance in one network, from
    # q, and those ξ of X = σ_w² · mean of f'², the factor of a gradient's mean square.

    @property
    def passed(self) -> float:
        """The part of κ here that κ of the next layer has."""
        return self.after.gain * self.square.he2 / 2 / self.next_q if self.next_q else 0.0

    @property
    def felt(self) -> float:
        """The part of κ here that ξ here has."""
        return self.slope.he2 / 2 / self.slope.mean

    @property
    def shared(self) -> float:
        """The covariance of ξ here and κ of the next layer."""
        own = (self.both - self.square.mean * self.slope.mean) / self.layer.fan_out
        upstream = self.spread.variance * self.square.he2 * self.slope.he2 / 4
        return self.after.gain * (own + upstream) / (self.next_q * self.slope.mean)


def _sites(curves: Hosted, layers: Sequence[Layer], mean_square: float) -> list[_Site]:
    first = layers[0]
    q = first.second_moment(mean_square)
    fourth = _NORMAL_FOURTH * mean_square**2 / first.fan_in
    spread = Spread(kurtosis=_kurtosis(first, fourth, q))
    sites: list[_Site] = []
    for layer, after in pairwise(layers):
        uniform = _uniform(layer, q)

        def of(
            g: Callable[[np.ndarray], np.ndarray], q: float = q, uniform: Uniform | None = uniform
        ) -> Response:
            return response(g, q, curves.breaks, uniform)

        site = _Site(
            layer,
            after,
            q,
            spread,
            value=of(curves.value),
            square=of(lambda z: curves.value(z) ** 2),
            slope=of(lambda z: curves.slope(z) ** 2),
            both=expectation(lambda z: (curves.value(z) * curves.slope(z)) ** 2, q, curves.breaks),
            uniform=uniform,
        )
        sites.append(site)
        q, spread = site.next_q, site.next_spread
    return sites


def _uniform(layer: Layer, q: float) -> Uniform | None:
    if layer.distribution != "uniform" or layer.bias_variance == 0:
        return None
    return Uniform(q, math.sqrt(3 * layer.bias_variance))


def _kurtosis(layer: Layer, fourth: float, q: float) -> float:
    """What weights that are not normal add: `fourth` is E[h⁴]/fan_in of the layer's inputs h."""
    return layer.kurtosis * layer.gain**2 * fourth / q**2 if q else 0.0


def _gradient_norms(sites: Sequence[_Site]) -> list[Estimate]:
    """From the last hidden layer backwards; with no slope there is no gradient before it.

    The mean square there is a product of factors X, each of mean χ: log-deviations add up, and so
    do the covariances of the factors.
    """
    last = sites[-1]
    norms = [Estimate(1.0)]
    square, shift, variance = 1.0, 0.0, 0.0
    if last.slope.mean < _LEAST:
        return [Estimate(math.nan)] * len(sites)
    # Of the factors from here on, what a κ here does to their product; in `inner` without the last
    # factor, which the ratio does not have.
    outer, inner, bound = last.felt, 0.0, 2 * last.felt
    for site in reversed(sites[:-1]):
        if square == 0 or site.slope.mean < _LEAST:
            square = 0.0
            norms.append(Estimate(0.0))
            continue
        relative = site.slope.second / site.slope.mean**2
        met = site.after.gain * site.both / (site.next_q * site.slope.mean)
        square *= site.after.gain * site.slope.mean
        shift += site.slope.shift(site.spread) / site.slope.mean + site.shared * outer
        shift += met * bound / site.layer.fan_out
        # A weight's square has the mean square 3: the last of (3 E[f'⁴] - E[f'²]²)/width.
        variance += (3 * relative - 1) / site.layer.fan_out
        variance += site.spread.variance * site.felt**2 + 2 * site.shared * inner
        norm = math.sqrt(square)
        norms.append(Estimate(norm, norm * shift / 2, norm * math.sqrt(max(variance, 0.0)) / 2))
        follow = site.square.he2 / 2 / (site.q * site.slope.mean)
        bound = 2 * site.felt + site.passed * follow * bound
        outer, inner = (site.felt + site.passed * part for part in (outer, inner))
    return norms[::-1]
