"""Faults of a program or its precision, each with a program of its own."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from designs import BATCH, KINDS
from patient import Patient, Plant, cross_entropy
from strength import lost_share


def _turn(patient: Patient) -> int:
    """Which of the faults it has that need a program of their own, which takes long to compile."""
    return patient.design.number // 2 % 6


def before_the_loss(name: str, turn: int, act: Callable[[Any], Any]) -> Plant:
    """An activation on the logits, in a sixth of the designs."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient | None:
        del rng
        if _turn(patient) != turn:
            return None
        return replace(patient, function=lambda params, x: act(patient.function(params, x)))

    return Plant(("output_activation",), f"{name} on the logits", apply, looks="signals")


def half(share: float) -> Plant:
    """All in float16, with a loss so small that a share of the gradient is lost."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient:
        del rng
        batch = patient.x[:BATCH], patient.y[:BATCH]
        packed = patient.design.packed(patient.params)
        factor = lost_share(patient.function, patient.loss, packed, batch, share)

        def loss(outputs: Any, targets: Any) -> Any:
            return cross_entropy(outputs, targets) * jnp.asarray(factor, outputs.dtype)

        params, x = jax.tree.map(lambda leaf: leaf.astype(np.float16), (patient.params, patient.x))
        return replace(patient, params=params, x=x, loss=loss)

    strength = f"{share:.0%} of the gradient under float16's least"
    return Plant(("gradient_underflow",), strength, apply, looks="nothing")


def unused() -> Plant:
    """A matrix that nothing uses, in a sixth of the designs."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient | None:
        if _turn(patient) != 3:
            return None
        spare = rng.normal(size=(8, 8)).astype(np.float32)
        params = {**patient.params, "spare": {"kernel": jnp.asarray(spare)}}
        # Another function: a probe is of one tree of parameters.
        return replace(patient, function=patient.design.program(), params=params)

    return Plant(("detached_parameters",), "a matrix that nothing uses", apply, looks="signals")


def stopped() -> Plant:
    """One matrix behind a `stop_gradient`, in a third of the designs."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient | None:
        if _turn(patient) < 4:
            return None
        leaves = jax.tree_util.tree_leaves_with_path(patient.design.packed(patient.params))
        kernels = [path for path, _ in leaves if getattr(path[-1], "key", "") == "kernel"]
        chosen = kernels[int(rng.integers(len(kernels)))]

        def frozen(path: Any, leaf: Any) -> Any:
            return jax.lax.stop_gradient(leaf) if path == chosen else leaf

        def function(params: Any, x: Any) -> Any:
            return patient.function(jax.tree_util.tree_map_with_path(frozen, params), x)

        return replace(patient, function=function)

    return Plant(("detached_parameters",), "a matrix behind stop_gradient", apply, looks="signals")


def by_the_batch() -> Plant:
    """Normalisation by the batch, where there was one by the layer or by running statistics."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient | None:
        del rng
        if KINDS[patient.design.kind].norm is None:
            return None
        return replace(patient, function=patient.design.program(by_batch=True))

    strength = "normalised by the batch"
    return Plant(("normalization_mode",), strength, apply, looks="nothing")


def untouched() -> Plant:
    """Running statistics that are what they began as."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient | None:
        del rng
        if patient.design.kind != "batch norm":
            return None
        params = jax.tree.map(lambda leaf: leaf, patient.params)
        for layer in params["layers"]:
            layer["mean"], layer["var"] = jnp.zeros_like(layer["mean"]), jnp.ones_like(layer["var"])
        return replace(patient, params=params)

    strength = "running statistics never updated"
    return Plant(("normalization_mode",), strength, apply, looks="nothing")
