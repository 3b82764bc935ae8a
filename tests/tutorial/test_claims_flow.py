"""Each criterion on the functions themselves and on made-up gradients."""

from dataclasses import replace

import numpy as np
import pytest

from actscope import activations
from actscope.probing import Parameter, summarise
from actscope.tutorial import Measured
from actscope.tutorial._claim import judge
from actscope.tutorial._claims_flow import FLOW
from actscope.tutorial._published import sentences

CLAIMS = {claim.id.removeprefix("claim."): claim for claim in FLOW}
NUMBERS = {sentence.id: sentence.number for sentence in sentences()}


def verdict(name, measured):
    return judge(CLAIMS[name], measured, NUMBERS[f"claim.{name}"])


def with_gradients(measured, **arrays):
    """Other gradients of the weight matrices for some activations."""
    changed = {
        name: replace(
            measured.gradients[name],
            parameters=tuple(
                Parameter(f"layers.{index}.kernel", array.shape, summarise(array))
                for index, array in enumerate(gradients)
            ),
        )
        for name, gradients in arrays.items()
    }
    return replace(measured, gradients={**measured.gradients, **changed})


def spread(*sizes):
    """Gradients of these sizes, one matrix each."""
    x = np.linspace(-1, 1, 101).reshape(1, 101)
    return [size * x for size in sizes]


@pytest.mark.parametrize("name", CLAIMS)
def test_without_measurements(name):
    found = verdict(name, Measured())
    assert found.holds is None
    assert found.reason.startswith("needs the ")


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["swish_smooth", "sigmoid_largest_slope"])
def test_what_holds_of_the_functions(begun, name):
    assert verdict(name, begun).holds is True


def test_evidence_of_the_largest_slope(begun):
    assert verdict("sigmoid_largest_slope", begun).evidence["largest slope"] == pytest.approx(
        0.25, abs=1e-5
    )
    slopes = verdict("swish_smooth", begun).evidence
    assert slopes["smallest slope"] == pytest.approx(-0.0998, abs=1e-4)


@pytest.mark.parametrize("other", ["relu", "tanh"])
def test_a_function_with_a_kink_or_without_a_negative_slope(begun, other):
    curve = activations.curve(activations.get(other))
    assert verdict("swish_smooth", replace(begun, curves={"swish": curve})).holds is False


def test_another_largest_slope(begun):
    curve = activations.curve(activations.get("tanh"))
    assert (
        verdict("sigmoid_largest_slope", replace(begun, curves={"sigmoid": curve})).holds is False
    )


@pytest.mark.parametrize(
    ("name", "sizes", "holds"),
    [
        ("sigmoid_output_gradient", (1e-5, 0.05), True),
        ("sigmoid_output_gradient", (0.1, 0.02), False),
        ("sigmoid_output_gradient", (0.1, 0.5), False),
        ("sigmoid_input_gradient_size", (2e-5, 1.0), True),
        ("sigmoid_input_gradient_size", (1e-4, 1e-5), False),
        ("sigmoid_vanishing", (1e-5, 1e-3, 1e-1), True),
        ("sigmoid_vanishing", (1e-3, 1e-5, 1e-1), False),
        ("sigmoid_vanishing", (1e-2, 1e-1), False),
        ("sigmoid_input_gradient_lowest", (1e-9, 1.0), True),
        ("sigmoid_input_gradient_lowest", (1.0, 1e-9), False),
        ("sigmoid_input_gradient_lowest", (10.0, 10.0), False),
    ],
)
def test_sigmoids_gradients(begun, name, sizes, holds):
    assert verdict(name, with_gradients(begun, sigmoid=spread(*sizes))).holds is holds


@pytest.mark.parametrize(("sizes", "holds"), [((1.0, 9.0), True), ((1.0, 11.0), False)])
def test_similar_gradients(begun, sizes, holds):
    others = dict.fromkeys(("tanh", "relu", "leaky_relu", "swish"), spread(1.0, 2.0))
    found = verdict("similar_gradients", with_gradients(begun, elu=spread(*sizes), **others))
    assert found.holds is holds
    assert found.evidence["elu"] == pytest.approx(sizes[1])
    assert "sigmoid" not in found.evidence


def test_a_spike_at_zero(begun):
    spiked = spread(1.0, 2.0)
    for gradient in spiked:
        gradient[:, :60] = 0
    others = {name: spread(1.0) for name in ("sigmoid", "tanh", "leaky_relu", "elu", "swish")}
    high = with_gradients(begun, relu=spiked, **others)
    found = verdict("relu_gradient_spike", high)
    assert found.holds is True
    assert found.evidence["share of exact zeros"]["relu"] == pytest.approx(60 / 101)
    assert verdict("relu_gradient_spike", with_gradients(high, elu=spiked)).holds is False
    # Zeros among values so near to them that another bin is taller.
    far = [np.concatenate([np.zeros((1, 5)), np.full((1, 50), 1.0)], axis=1)]
    assert verdict("relu_gradient_spike", with_gradients(high, relu=far)).holds is False
