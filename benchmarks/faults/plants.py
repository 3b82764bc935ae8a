"""Faults, each planted in a healthy network, at a strength that is told."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from patient import Patient, Plant, adam
from programs import before_the_loss, by_the_batch, half, stopped, untouched, unused
from strength import along_depth, scale_for

# Without a slope, in float32, at -1000.
FLAT = {
    "relu", "relu6", "squared_relu", "elu", "selu", "celu", "gelu", "gelu_tanh", "swish", "mish",
    "hard_swish", "softplus", "sigmoid", "tanh", "hard_tanh",
}  # fmt: skip
SQUASHING = {"tanh", "sigmoid", "soft_sign"}


def _layer(patient: Patient, rng: np.random.Generator) -> tuple[Any, dict[str, Any]]:
    """A copy of the parameters, and one of its layers to be changed in place."""
    params = jax.tree.map(lambda leaf: leaf, patient.params)
    return params, params["layers"][int(rng.integers(len(params["layers"])))]


def _some(patient: Patient, rng: np.random.Generator, share: float) -> np.ndarray:
    return rng.permutation(patient.design.width)[: math.ceil(share * patient.design.width)]


def dead(share: float) -> Plant:
    """The biases of a share of one layer's units far below zero."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient | None:
        if patient.design.activation not in FLAT:
            return None
        params, layer = _layer(patient, rng)
        layer["bias"] = layer["bias"].at[_some(patient, rng, share)].set(-1e3)
        return replace(patient, params=params)

    return Plant(("dead_units",), f"{share:.0%} of a layer", apply)


def saturated(factor: float) -> Plant:
    """The weights of one layer far too large."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient | None:
        # Behind them a norm of the layer would take it back.
        if patient.design.activation not in SQUASHING or patient.design.kind == "layer norm":
            return None
        params, layer = _layer(patient, rng)
        layer["kernel"] = layer["kernel"] * factor
        return replace(patient, params=params)

    return Plant(("saturated_units",), f"weights x {factor:g}", apply)


def scaled(which: str, total: float, *rules: str) -> Plant:
    """All hidden weights scaled so that something grows by `total` over the whole depth.

    Which: the `signal`, from the first layer on, or the `gradient`, from the last layer back.
    """

    def apply(patient: Patient, rng: np.random.Generator) -> Patient | None:
        del rng
        design = patient.design
        if design.kind not in ("dense", "convolution"):
            return None

        def at(factor: float) -> Any:
            whole = patient.params
            layers = [each | {"kernel": each["kernel"] * factor} for each in whole["layers"]]
            return {**whole, "layers": layers}

        def ratio(factor: float) -> float:
            found = along_depth(design, at(factor), patient.x, patient.y, patient.loss)
            with np.errstate(divide="ignore", invalid="ignore"):  # it may be 0, or not finite
                signal, gradient = (each[-1] / each[0] for each in found)
                return float(signal if which == "signal" else 1 / gradient)

        factor = scale_for(ratio, total)
        return None if factor is None else replace(patient, params=at(factor))

    return Plant(rules, f"{total:g} over all layers", apply)


def collapsed(shift: float) -> Plant:
    """Biases so large that they drown what tells examples apart."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient | None:
        if patient.design.kind not in ("dense", "convolution"):
            return None
        params = jax.tree.map(lambda leaf: leaf, patient.params)
        for layer in params["layers"]:
            draw = rng.normal(size=layer["bias"].shape).astype(np.float32)
            layer["bias"], layer["kernel"] = jnp.asarray(shift * draw), layer["kernel"] * 0.5
        return replace(patient, params=params)

    return Plant(("collapsed_correlation",), f"biases of std {shift:g}, weights x 0.5", apply)


def copied(share: float) -> Plant:
    """A share of one layer's units with the weights of one of them."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient | None:
        params, layer = _layer(patient, rng)
        units = _some(patient, rng, share)
        for name in layer.keys() - {"back", "mix"}:
            layer[name] = layer[name].at[..., units].set(layer[name][..., units[:1]])
        layer["bias"] = layer["bias"].at[units].set(0.5)  # copies of a dead unit are dead units
        return replace(patient, params=params)

    return Plant(("identical_units",), f"{share:.0%} of a layer", apply)


def inputs(scale: float, shift: float) -> Plant:
    """Inputs that nobody normalised."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient:
        del rng
        return replace(patient, x=patient.x * np.float32(scale) + np.float32(shift))

    return Plant(("unnormalized_input",), f"x {scale:g}, + {shift:g}", apply, looks="nothing")


def not_a_number() -> Plant:
    """One weight that is NaN."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient:
        params, layer = _layer(patient, rng)
        layer["kernel"] = layer["kernel"].at[..., 0].set(jnp.nan)
        return replace(patient, params=params)

    return Plant(("diverged",), "one unit NaN", apply)


def learning_rate(rate: float, *rules: str) -> Plant:
    """A learning rate that is far off."""

    def apply(patient: Patient, rng: np.random.Generator) -> Patient:
        del rng
        return replace(patient, optimizer=adam(rate))

    return Plant(rules, f"Adam at {rate:g}", apply, looks="nothing")


def plants() -> Iterator[Plant]:
    """Every fault at every strength."""
    yield from (dead(0.3), dead(0.5), saturated(10), saturated(30))
    yield scaled("gradient", 1e-3, "vanishing_gradient", "poor_initialization")
    yield scaled("gradient", 1e3, "exploding_gradient", "poor_initialization")
    yield scaled("signal", 1e-3, "vanishing_signal")
    yield scaled("signal", 1e3, "exploding_signal")
    yield from (collapsed(1.0), collapsed(3.0), copied(0.25))
    yield from (inputs(255, 0), inputs(1, 30), inputs(1 / 255, 0), not_a_number())
    yield learning_rate(1e-7, "update_ratio", "not_learning")
    yield from (learning_rate(0.03, "update_ratio"), learning_rate(0.3, "update_ratio"))
    sigmoid, relu = jax.nn.sigmoid, jax.nn.relu
    for turn, (name, act) in enumerate(
        (("softmax", jax.nn.softmax), ("sigmoid", sigmoid), ("relu", relu))
    ):
        yield before_the_loss(name, turn, act)
    yield from (half(0.1), unused(), stopped(), by_the_batch(), untouched())
