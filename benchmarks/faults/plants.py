"""Faults, each planted in a healthy network, at a strength that is told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from designs import Design

RECTIFIERS = {"relu"}
SQUASHING = {"tanh", "sigmoid"}


@dataclass(frozen=True)
class Patient:
    """A network, its data and how it is trained."""

    design: Design
    params: Any
    x: Any
    y: Any
    optimizer: Any


@dataclass(frozen=True)
class Plant:
    """A fault.

    Attributes:
        rule: that should find it.
        strength: in words.
        apply: the patient with the fault; None where the design cannot have it.
    """

    rule: str
    strength: str
    apply: Callable[[Patient, np.random.Generator], Patient | None]


def _layer(patient: Patient, rng: np.random.Generator) -> tuple[Any, dict[str, Any]]:
    """A copy of the parameters, and one of its layers to be changed in place."""
    params = jax.tree.map(lambda leaf: leaf, patient.params)
    return params, params["layers"][int(rng.integers(len(params["layers"])))]


def _changed(patient: Patient, **changes: Any) -> Patient:
    return Patient(**{**vars(patient), **changes})


def dead(share: float) -> Plant:
    """The biases of a share of one layer's units far below zero."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient | None:
        if patient.design.activation not in RECTIFIERS:
            return None
        params, layer = _layer(patient, rng)
        units = rng.permutation(patient.design.width)[: round(share * patient.design.width)]
        layer["bias"] = layer["bias"].at[units].set(-1e3)
        return _changed(patient, params=params)

    return Plant("dead_units", f"{share:.0%} of a layer", apply)


def saturated(factor: float) -> Plant:
    """The weights of one layer far too large."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient | None:
        if patient.design.activation not in SQUASHING:
            return None
        params, layer = _layer(patient, rng)
        layer["kernel"] = layer["kernel"] * factor
        return _changed(patient, params=params)

    return Plant("saturated_units", f"weights x {factor:g}", apply)


def scaled(rule: str, total: float) -> Plant:
    """All hidden weights scaled, by `total` over the whole depth."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient | None:
        del rng
        plain = patient.design.kind in ("dense", "convolution")
        # A function that levels off stops what grows.
        if not plain or (total > 1 and patient.design.activation in SQUASHING):
            return None
        if rule == "vanishing_signal" and patient.design.activation == "sigmoid":
            return None  # its output is about one half, however small what enters
        params = jax.tree.map(lambda leaf: leaf, patient.params)
        factor = total ** (1 / (len(params["layers"]) - 1))
        for layer in params["layers"]:
            layer["kernel"] = layer["kernel"] * factor
        return _changed(patient, params=params)

    return Plant(rule, f"{total:g} over all layers", apply)


def collapsed(shift: float) -> Plant:
    """Biases so large that they drown what tells examples apart."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient | None:
        if patient.design.kind not in ("dense", "convolution"):
            return None
        params = jax.tree.map(lambda leaf: leaf, patient.params)
        for layer in params["layers"]:
            draw = rng.normal(size=layer["bias"].shape).astype(np.float32)
            layer["bias"], layer["kernel"] = jnp.asarray(shift * draw), layer["kernel"] * 0.5
        return _changed(patient, params=params)

    return Plant("collapsed_correlation", f"biases of std {shift:g}, weights x 0.5", apply)


def copied(share: float) -> Plant:
    """A share of one layer's units with the weights of one of them."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient | None:
        params, layer = _layer(patient, rng)
        units = rng.permutation(patient.design.width)[: round(share * patient.design.width)]
        kernel = layer["kernel"]
        layer["kernel"] = kernel.at[..., units].set(kernel[..., units[:1]])
        layer["bias"] = layer["bias"].at[units].set(0.5)  # copies of a dead unit are dead units
        return _changed(patient, params=params)

    return Plant("identical_units", f"{share:.0%} of a layer", apply)


def inputs(scale: float, shift: float) -> Plant:
    """Inputs that nobody normalised."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient:
        del rng
        return _changed(patient, x=patient.x * np.float32(scale) + np.float32(shift))

    return Plant("unnormalized_input", f"x {scale:g}, + {shift:g}", apply)


def not_a_number() -> Plant:
    """One weight that is NaN."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient:
        params, layer = _layer(patient, rng)
        layer["kernel"] = layer["kernel"].at[..., 0].set(jnp.nan)
        return _changed(patient, params=params)

    return Plant("diverged", "one unit NaN", apply)


def learning_rate(rule: str, rate: float) -> Plant:
    """A learning rate that is far off."""
    optimizer = optax.adam(rate)

    def apply(patient: Patient, rng: np.random.Generator) -> Patient:
        del rng
        return _changed(patient, optimizer=optimizer)

    return Plant(rule, f"Adam at {rate:g}", apply)


def plants() -> Iterator[Plant]:
    """Every fault at every strength."""
    yield from (dead(0.3), dead(0.5), saturated(10), saturated(30))
    for rule in ("vanishing_gradient", "vanishing_signal", "poor_initialization"):
        yield scaled(rule, 1e-3)
    for rule in ("exploding_gradient", "exploding_signal"):
        yield scaled(rule, 1e3)
    yield from (collapsed(1.0), collapsed(3.0), copied(0.25), copied(0.5))
    yield from (inputs(255, 0), inputs(1, 30), inputs(1 / 255, 0), not_a_number())
    yield from (learning_rate("update_ratio", 1e-7), learning_rate("not_learning", 1e-7))
