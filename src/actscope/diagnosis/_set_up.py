"""Rules on how a network is put together: inputs, outputs, normalisation, precision, gradients."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import jax
import numpy as np

from actscope.activations import describe
from actscope.diagnosis._case import Case
from actscope.diagnosis._rule import Hit
from actscope.probing import named


def unnormalized_input(case: Case, threshold: float) -> Iterator[Hit]:
    """An input of numbers that are far larger than 1, far smaller, or far from 0."""
    for each in case.inputs:
        size = math.hypot(each.mean, each.std)
        off = max(abs(each.mean) / each.std, size, 1 / size) if size and each.std else 0.0
        if off > threshold:
            yield Hit({"mean": each.mean, "std": each.std}, place=each.name or "inputs")


def output_activation(case: Case, threshold: float) -> Iterator[Hit]:
    """An activation before the output that the loss does not expect."""
    batch = case.first_batch
    if batch is None or case.model is None or case.model.loss is None:
        return
    _, targets, outputs = batch
    if not isinstance(outputs, np.ndarray) or not outputs.ndim or not hasattr(targets, "dtype"):
        return
    site = next((each for each in case.profile.sites[::-1] if each.role == "output"), None)
    last = site.function if site else None
    if are_probabilities(outputs) and _takes_logits(case.model.loss, outputs, targets):
        yield Hit({"outputs": "probabilities", "loss": "takes logits"}, site)
    elif site is None or last is None:
        return
    elif _is_bounded(last) and (
        _takes_logits(case.model.loss, outputs, targets)
        or _takes_binary_logits(case.model.loss, outputs, targets, describe(last).range)
    ):
        yield Hit({"outputs": site.activation, "loss": "takes logits"}, site)
    else:
        outside = _outside(last, outputs, targets)
        if outside > threshold:
            yield Hit({"activation": site.activation, "targets_out_of_reach": outside}, site)


def are_probabilities(outputs: np.ndarray) -> bool:
    """Whether every row sums to 1, of several numbers none of which is negative."""
    if outputs.ndim < 2 or outputs.shape[-1] < 2:
        return False
    rows = np.asarray(outputs, np.float64).sum(axis=-1)
    return bool((outputs >= 0).all() and np.allclose(rows, 1, atol=1e-3))


def _takes_logits(loss: Any, outputs: np.ndarray, targets: Any) -> bool:
    """Whether a loss cares for differences between outputs alone, as one of a softmax does."""
    if outputs.ndim < 2 or outputs.shape[-1] < 2:
        return False
    judge = jax.jit(loss)
    noise = np.random.default_rng(0).normal(size=outputs.shape).astype(outputs.dtype)
    here, shifted, other = (float(judge(outputs + x, targets)) for x in (noise * 0, 3, noise))
    return math.isclose(here, shifted, rel_tol=1e-3, abs_tol=1e-5) and not math.isclose(
        here, other, rel_tol=1e-3, abs_tol=1e-5
    )


def _takes_binary_logits(
    loss: Any, outputs: np.ndarray, targets: Any, reach: tuple[float, float]
) -> bool:
    """Whether a loss of targets 0 and 1 is best far outside what the outputs can reach."""
    wanted = np.asarray(targets)
    if wanted.size != outputs.size or not np.isin(wanted, (0, 1)).all():
        return False
    wanted = wanted.reshape(outputs.shape).astype(outputs.dtype)
    low, high = (x if math.isfinite(x) else far for x, far in zip(reach, (-10, 10), strict=True))
    judge = jax.jit(loss)
    within, beyond = (
        float(judge(np.asarray(a + (b - a) * wanted, outputs.dtype), targets))
        for a, b in ((low, high), (-10, 10))
    )
    return beyond < within / 2  # not so for NaN: one of probabilities is not defined there


def _is_bounded(activation: Any) -> bool:
    return any(map(math.isfinite, describe(activation).range))


def _outside(activation: Any, outputs: np.ndarray, targets: Any) -> float:
    """Share of the targets that no output can ever reach."""
    wanted = np.asarray(targets)
    if wanted.shape != outputs.shape or not np.issubdtype(wanted.dtype, np.floating):
        return 0.0
    low, high = describe(activation).range
    return float(((wanted < low) | (wanted > high)).mean())


def gradient_underflow(case: Case, threshold: float) -> Iterator[Hit]:
    """A gradient that is 0 in part, and would not be if the loss were larger."""
    lost = {name: share for name, share in case.underflow.items() if share > threshold}
    for name, share in sorted(lost.items(), key=lambda each: -each[1])[:1]:
        yield Hit({"share": share, "parameters": len(lost)}, place=name)


def detached_parameters(case: Case, threshold: float) -> Iterator[Hit]:
    """Parameters that no gradient reaches."""
    del threshold
    if case.diverged or _dead_layer(case):
        return  # that explains it
    if case.detached:
        yield Hit({"parameters": ", ".join(case.detached)}, place=case.detached[0])


def _dead_layer(case: Case) -> bool:
    return any(site.dead.all() for site in case.profile.sites)


def normalization_mode(case: Case, threshold: float) -> Iterator[Hit]:
    """Examples change each other's outputs, or running statistics were never updated."""
    if case.interaction > threshold:
        yield Hit({"change": case.interaction})
    for name in _untouched(case):
        yield Hit({"statistics": "mean 0 and variance 1, as they began"}, place=name)


def _untouched(case: Case) -> Iterator[str]:
    """Layers of Linen's running statistics that are what they began as."""
    variables = case.model.params if case.model else None
    statistics = variables.get("batch_stats") if isinstance(variables, Mapping) else None
    found = {name: np.asarray(x) for name, x in named(jax.device_get(statistics or {})).items()}
    for name, mean in found.items():
        layer, _, leaf = name.rpartition(".")
        variance = found.get(f"{layer}.var".removeprefix("."))
        if leaf == "mean" and variance is not None and not mean.any() and (variance == 1).all():
            yield layer
