"""What counts as levelling off, and that nothing else is called saturated."""

import jax
import pytest

import actscope
from actscope import activations
from actscope.diagnosis._units import levels_off


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((name, True) for name in ("sigmoid", "tanh", "relu", "elu", "softplus", "soft_sign")),
        *((name, True) for name in ("swish", "gelu", "hard_tanh", "squareplus")),
        *((name, False) for name in ("leaky_relu", "identity", "prelu")),
    ],
)
def test_what_levels_off(name, expected):
    assert levels_off(activations.get(name)) is expected


@pytest.mark.heavy
def test_a_small_slope_that_is_constant_is_not_saturated(weights, batch):
    """Of slope 0.01: half of its inputs lie where |f'| is under 5 % of the largest."""

    def forward(params, x):
        for layer in params["layers"]:
            x = jax.nn.leaky_relu(x @ layer["kernel"] + layer["bias"][None])
        return x @ params["out"]["kernel"]

    params = weights()
    for layer in params["layers"]:
        layer["bias"] = layer["bias"] - 3.0
    found = actscope.probe(forward, params, batch)
    assert max(site.saturated_fraction for site in found.sites) > 0.5
    assert "saturated_units" not in {each.rule for each in found.findings}
