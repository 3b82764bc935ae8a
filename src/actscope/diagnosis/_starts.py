"""Other parameters to begin with: critical weights, biases that wake up units, smaller branches."""

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from actscope import theory
from actscope._errors import ActscopeError
from actscope.diagnosis._case import Case
from actscope.probing import Model, named, trainable
from actscope.sites import Branch

Apply = Callable[[Model], Model]


class NotApplied(ActscopeError):  # noqa: N818 (it is no error of the user's)
    """Why a change cannot be made to a model."""


def critical(case: Case) -> Apply:
    """Weights of the variance at the critical point, and biases likewise.

    Raises:
        NotApplied: none of them was recognised.
    """
    layers = _layers(case)
    if not layers:
        raise NotApplied("no weights before a known activation were recognised")
    biases = {f"{name.rpartition('.')[0]}.bias".removeprefix("."): name for name in layers}

    def apply(model: Model) -> Model:
        arrays = named(model.params)

        def drawn(name: str, leaf: Any) -> Any:
            if name in layers:
                return _scaled(layers[name], name, leaf)
            if name in biases and np.shape(leaf)[-1:] == (layers[biases[name]].units,):
                start, kernel = layers[biases[name]].start, arrays[biases[name]]
                draw = _numbers(name, kernel).normal(size=np.shape(leaf))
                return jnp.asarray(start.sigma_b * draw, leaf.dtype)
            return leaf

        return _with(model, drawn)

    return apply


@dataclass(frozen=True, eq=False)
class _Layer:
    """The weights before a site.

    Attributes:
        start: the critical one of the activation there.
        units: of the site.
        fan_in: numbers that enter each.
        square: mean square of what enters, where that is the data; None: the layers before.
        copied: some of its units are copies: scaling them would keep them so.
    """

    start: theory.Start
    units: int
    fan_in: float
    square: float | None
    copied: bool

    @property
    def sigma_w(self) -> float:
        if self.square is None:
            return self.start.sigma_w
        return self.start.first_sigma_w(self.square)


def _layers(case: Case) -> dict[str, _Layer]:
    found: dict[str, _Layer] = {}
    copied = {name for site, name, _ in case.kernels() if site.name in case.copied}
    square = float(np.mean([each.mean**2 + each.std**2 for each in case.inputs] or [1.0]))
    for index, (site, name, kernel) in enumerate(case.kernels()):
        if site.function is None or name in found:
            continue
        try:
            start = theory.start(site.function)
        except ActscopeError:
            continue
        # Layers that lie one behind the other have a first one of their own before them.
        first = index == 0 and "[" not in site.name
        found[name] = _Layer(
            start=start,
            units=site.units,
            fan_in=kernel.size / site.units,
            square=square if first else None,
            copied=name in copied,
        )
    return found


def _scaled(layer: _Layer, name: str, leaf: Any) -> Any:
    """The same weights at another scale, so that pairs keep their random numbers."""
    x = np.asarray(leaf, np.float64)
    if layer.copied or not x.std():
        x = _numbers(name, leaf).normal(size=x.shape)
    now = float(x.std()) * math.sqrt(layer.fan_in)
    return jnp.asarray(x * (layer.sigma_w / now), leaf.dtype)


def _numbers(name: str, of: Any) -> np.random.Generator:
    """Random numbers that are others for every name and start, and the same each time."""
    return np.random.default_rng([*name.encode(), zlib.crc32(np.asarray(of).tobytes())])


def _with(model: Model, changed: Callable[[str, Any], Any]) -> Model:
    """The model with other parameters, worked out by name."""
    names = iter(named(model.params))
    return replace(
        model, params=jax.tree.map(lambda leaf: changed(next(names), leaf), model.params)
    )


def revived(case: Case) -> Apply:
    """Biases of the dead units a little above 0.

    Raises:
        NotApplied: none of them was recognised.
    """
    if case.model is None:
        raise NotApplied("there is no model at hand")
    arrays = named(case.model.params)

    def biases(params: Any) -> dict[str, np.ndarray]:
        dead = case.inside.dead(params)
        found = {f"{name.partition('#')[0]}.bias": mask for name, mask in dead.items()}
        return {n: mask for n, mask in found.items() if np.shape(arrays.get(n, 0)) == mask.shape}

    if not any(mask.any() for mask in biases(case.model.params).values()):
        raise NotApplied("no bias of the dead units was recognised")

    def apply(model: Model) -> Model:
        dead = biases(model.params)  # of another start others are

        def raised(name: str, leaf: Any) -> Any:
            given = jnp.asarray(0.1, leaf.dtype)
            return jnp.where(dead[name], given, leaf) if name in dead else leaf

        return _with(model, raised)

    return apply


def branches(case: Case, factor: float | None) -> Apply:
    """The last weights of each residual branch at another scale, and the offsets behind them.

    Args:
        case: the model.
        factor: of the scale; None: 1/√N for N branches, as GPT-2 begins (Radford et al., 2019,
            section 2.3). 0: the network begins as its skips alone (Fixup: Zhang et al., 2019;
            SkipInit: De and Smith, 2020).

    Raises:
        NotApplied: no branch was recognised, or none of its weights.
    """
    if case.model is None:
        raise NotApplied("there is no model at hand")
    found: Sequence[Branch] = case.inside.branches
    if not found:
        raise NotApplied("no residual branch was recognised")
    learned: Mapping[str, Any] = named(trainable(case.model.params)[0])
    last = {leaf.removeprefix("params.") for branch in found for leaf in branch.leaves}
    if not last or not last <= set(learned):
        raise NotApplied("the last weights of the residual branches were not recognised")
    scale = 1 / math.sqrt(sum(branch.times for branch in found)) if factor is None else factor

    def scaled(name: str, leaf: Any) -> Any:
        return (leaf * scale).astype(leaf.dtype) if name in last else leaf

    return lambda model: _with(model, scaled)
