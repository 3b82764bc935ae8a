"""A network before the rules: what the probe saw of it, and what can be tried on it."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import numpy as np

from actscope.diagnosis import _copies, _trials
from actscope.diagnosis._inside import Inside
from actscope.diagnosis._rate import Rate, rate
from actscope.diagnosis._training import Steps, scaled, train
from actscope.diagnosis._trials import Gradients, Input
from actscope.probing import Model, Profile, Signal, Site, named


@dataclass(frozen=True, eq=False)
class Case:
    """What the rules look at.

    Attributes:
        profile: what the probe found.
        model: on which more can be tried; None: nothing can.
    """

    profile: Profile
    model: Model | None = None

    @property
    def hidden(self) -> list[Site]:
        """The sites between layers, in the order in which the signal meets them."""
        return [site for site in self.profile.sites if site.role == "hidden"]

    @property
    def diverged(self) -> bool:
        """Whether anything is not finite: then sizes say nothing."""
        sites = (signal for site in self.profile.sites for signal in (site.pre, site.post))
        return any(each.nonfinite for each in (*sites, *self.profile.outputs))

    @cached_property
    def gradient_rate(self) -> Rate | None:
        """Growth of the gradient's norm from the last hidden site back to the first."""
        sizes = [_norm(site.gradient, self.profile.examples) for site in self.hidden]
        return rate(sizes[::-1])

    @cached_property
    def signal_rate(self) -> Rate | None:
        """Growth of the root mean square of the pre-activations from the first site to the last."""
        return rate([root_mean_square(site.pre) for site in self.hidden])

    @cached_property
    def inputs(self) -> list[Input]:
        """The floating inputs, over all batches."""
        return [] if self.model is None else _trials.inputs(self.model)

    @cached_property
    def interaction(self) -> float:
        """How much an example's output changes with the others in its batch; NaN if not known."""
        return math.nan if self.model is None else _trials.interaction(self.model)

    @cached_property
    def underflow(self) -> dict[str, float]:
        """By parameter, the share of its gradient that only a larger loss makes differ from 0."""
        return {} if self._gradients is None else self._gradients.underflow()

    @cached_property
    def detached(self) -> list[str]:
        """Parameters that no gradient reaches, wherever in their neighbourhood they are."""
        return [] if self._gradients is None else self._gradients.detached()

    @cached_property
    def _gradients(self) -> Gradients | None:
        return None if self.model is None else Gradients(self.model)

    @cached_property
    def steps(self) -> Steps | None:
        """A short training; None without an optimizer."""
        return None if self.model is None else train(self.model)

    @cached_property
    def inside(self) -> Inside:
        """The model's function, to look into at any parameters; there is a model."""
        assert self.model is not None
        return Inside(self.model.function, self.model)

    @cached_property
    def scaled_update(self) -> Callable[..., Any]:
        """That of the model's optimizer, times a number in its state; there is an optimizer."""
        assert self.model is not None
        return scaled(self.model.optimizer)

    @cached_property
    def first_batch(self) -> tuple[Any, Any, Any] | None:
        """Inputs, targets and outputs of the first batch, on the host."""
        if self.model is None:
            return None
        inputs, targets = next(iter(self.model.batches))
        outputs = jax.jit(self.model.function)(self.model.params, inputs)
        return jax.device_get((inputs, targets, outputs))

    @cached_property
    def copied(self) -> dict[str, float]:
        """By site, the share of its units that have the weights of another one, if any has."""
        suspects = [
            (site, groups)
            for site, name, kernel in self.kernels()
            for groups in _copies.by_weights(kernel, site.units, self._arrays[name].dtype)
        ]
        if not suspects or self.model is None:
            return {}
        met = self.inside.met(self.model.params)
        found: dict[str, float] = {}
        for site, groups in suspects:
            place, step = _step(site)
            if place in met and met[place].shape[-1] == site.units:
                sure = _copies.share(_copies.confirmed(groups, met[place][step]))
                found[site.name] = max(sure, found.get(site.name, 0.0))
        return {name: share for name, share in found.items() if share}

    @cached_property
    def _arrays(self) -> dict[str, Any]:
        return {} if self.model is None else named(self.model.params)

    def kernels(self) -> Iterator[tuple[Site, str, np.ndarray]]:
        """Each hidden site with the matrix (or filter) of the layer before it, and its name."""
        for site in self.hidden:
            place, step = _step(site)
            for name, array in self._arrays.items():
                layer = name.rpartition(".")[0] or name
                if layer == place.partition("#")[0] and np.ndim(array) >= 2 + len(step):
                    yield site, name, np.asarray(array[step], np.float64)


def _step(site: Site) -> tuple[str, tuple[int, ...]]:
    """The place of a site, and which step of the loops around it: `blocks[3]`."""
    place, _, step = site.name.partition("[")
    return place, tuple(int(each) for each in step.rstrip("]").split(",") if each)


def root_mean_square(signal: Signal | None) -> float:
    """Of a signal's finite values; NaN if there is none."""
    return signal.l2 / math.sqrt(signal.count) if signal and signal.count else math.nan


def _norm(gradient: Signal | None, examples: int) -> float:
    """Root mean square over examples of the Euclidean norm: it does not depend on the width."""
    return gradient.l2 / math.sqrt(examples) if gradient else math.nan
