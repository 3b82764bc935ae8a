"""What is measured of every member after every epoch: signals by site, steps by parameter."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from actscope import _archive, probing
from actscope.study._outcome import Monitors
from actscope.study._tapped import has_sites
from actscope.training import Carry, Numbers, Rule, update


def monitor(rule: Rule, numbers: Numbers, carry: Carry, inputs: Any, targets: Any) -> Any:
    """An instrument for `training`: one pass forward and back over a fixed batch.

    The network is looked at as it is used, without dropout and with its running statistics. A
    parameter's update is the one that the optimizer, in the state that it is in, would make of this
    batch's gradient.

    Returns:
        `{"sites": {SITE: fields}, "layers": {PARAMETER: fields}}`, the fields those of `Outcome`
        but for `epoch`.
    """
    problem = rule.problem

    def tapped(params: Any, inputs: Any, activate: Any) -> jax.Array:
        named = {"activate": activate} if has_sites(problem.network) else {}
        outputs, _ = problem.network.apply(params, carry.state, inputs, train=False, **named)
        return outputs

    def loss(outputs: jax.Array, targets: Any) -> jax.Array:
        return problem.task.judge(outputs, inputs, targets, numbers.spread).losses.mean()

    seen = probing.glance(tapped, loss, carry.params, inputs, targets)
    change, _ = update(rule, numbers, carry, seen.gradient)
    return {
        "sites": {name: _site(site) for name, site in seen.sites.items()},
        "layers": {
            name: _layer(*arrays)
            for name, arrays in _together(carry.params, seen.gradient, change).items()
        },
    }


def _site(seen: probing.Glance) -> dict[str, jax.Array]:
    return {
        "pre_mean": seen.pre_mean,
        "pre_variance": seen.pre_variance,
        "post_mean": seen.post_mean,
        "post_variance": seen.post_variance,
        "zero": seen.zeros,
        "saturated": seen.saturated,
        "gradient_rms": seen.gradient,
        "dead": seen.dead.sum(),
        "dead_mask": seen.dead,
        **_bins("", seen.pre),
        **_bins("post_", seen.post),
        **_bins("gradient_", seen.back),
    }


def _bins(prefix: str, found: probing.Bins) -> dict[str, jax.Array]:
    return {
        f"{prefix}low": found.low,
        f"{prefix}high": found.high,
        f"{prefix}histogram": found.counts,
    }


def _together(*trees: Any) -> dict[str, tuple[jax.Array, ...]]:
    """The arrays of several trees of one shape, by the dotted path of each."""
    flat = [_archive.named(tree) for tree in trees]
    return {name: tuple(arrays[name] for arrays in flat) for name in flat[0]}


def _layer(weights: jax.Array, gradient: jax.Array, change: jax.Array) -> dict[str, jax.Array]:
    size = _rms(weights)
    return {
        "gradient_norm": jnp.sqrt(jnp.square(gradient).sum()),
        "weight_rms": size,
        # Weights that are all 0 have no ratio.
        "update_ratio": jnp.where(size > 0, _rms(change) / jnp.where(size > 0, size, 1), jnp.nan),
    }


def _rms(x: jax.Array) -> jax.Array:
    return jnp.sqrt(jnp.square(x).mean())


def monitors(observed: Mapping[str, np.ndarray], kind: str, order: list[str]) -> Monitors:
    """What training observed with `monitor`, as an outcome holds it.

    Args:
        observed: by the dotted path `KIND.NAME.FIELD`, a row an epoch.
        kind: `sites` or `layers`.
        order: names that come first, in this order.
    """
    found: dict[str, dict[str, np.ndarray]] = {name: {} for name in order}
    for path, array in observed.items():
        here, _, rest = path.partition(".")
        if here == kind:
            name, _, field = rest.rpartition(".")
            fields = found.setdefault(name, {})
            fields["epoch"], fields[field] = np.arange(1, len(array) + 1), array
    return {name: fields for name, fields in found.items() if fields}
