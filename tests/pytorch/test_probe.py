"""One network in JAX and in PyTorch: one profile."""

from dataclasses import dataclass
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from actscope._errors import ActscopeError
from actscope.probing import probe
from actscope.pytorch import probe_torch

torch = pytest.importorskip("torch")
F = torch.nn.functional
nn = torch.nn

SIZES = (6, 20, 12, 3)
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(330, 6)).astype(np.float32), RNG.integers(0, 3, 330)
BATCHES = [(X[:200], Y[:200]), (X[200:], Y[200:])]


def jax_loss(outputs, targets):
    return optax.softmax_cross_entropy_with_integer_labels(outputs, targets).mean()


@dataclass(frozen=True)
class Dense:
    """A network in JAX."""

    activations: tuple

    def __call__(self, params, x):
        for layer, activation in zip(params["layers"], (*self.activations, None), strict=True):
            x = x @ layer["weight"] + layer["bias"][None]
            x = x if activation is None else activation(x)
        return x

    @staticmethod
    def init():
        rng = np.random.default_rng(1)
        layers = [
            {"weight": rng.normal(size=size) / 3, "bias": rng.normal(size=size[1]) / 9}
            for size in pairwise(SIZES)
        ]
        return {"layers": jax.tree.map(lambda x: jnp.asarray(x, jnp.float32), layers)}


class Torch(nn.Module):
    """The same in PyTorch."""

    def __init__(self, activations, params):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(*size) for size in pairwise(SIZES)])
        self.activations = [*activations, lambda x: x]
        for layer, given in zip(self.layers, params["layers"], strict=True):
            layer.weight.data = torch.tensor(np.asarray(given["weight"]).T)
            layer.bias.data = torch.tensor(np.asarray(given["bias"]))

    def forward(self, x):
        for layer, activation in zip(self.layers, self.activations, strict=True):
            x = activation(layer(x))
        return x


def same_signal(one, other):
    assert (one.count, one.nonfinite) == (other.count, other.nonfinite)
    # Of two libraries' products in float32: their errors are relative to the spread.
    for field in ("mean", "std", "min", "max"):
        assert getattr(one, field) == pytest.approx(
            getattr(other, field), abs=1e-5 * one.std + 1e-9
        )
    assert one.l2 == pytest.approx(other.l2, rel=1e-5)
    assert one.fraction_zero == pytest.approx(other.fraction_zero)
    # A value at an edge may stand in either bin.
    moved = np.abs(np.cumsum(one.histogram.counts - other.histogram.counts))
    assert moved.max() <= max(3, 1e-3 * one.count)


def same(one, other, *, named=True):
    assert (one.examples, one.accuracy) == (other.examples, other.accuracy)
    assert one.loss == pytest.approx(other.loss, rel=1e-5)
    for a, b in zip(one.sites, other.sites, strict=True):
        told = ("activation", "function", "role", "units", "shape") + ("name",) * named
        assert [getattr(a, x) for x in told] == [getattr(b, x) for x in told]
        for which in ("pre", "post", "gradient"):
            same_signal(getattr(a, which), getattr(b, which))
        for which in ("dead", "dead_structural", "always_zero"):
            np.testing.assert_array_equal(getattr(a, which), getattr(b, which))
        for which in ("saturated_fraction", "correlation", "effective_rank", "copies"):
            told = getattr(b, which)
            assert getattr(a, which) == pytest.approx(told, rel=1e-4, abs=1e-5, nan_ok=True)
    for a, b in zip(one.outputs, other.outputs, strict=True):
        same_signal(a, b)


def same_parameters(one, other):
    ours, theirs = ({p.name: p.gradient for p in each.parameters} for each in (one, other))
    assert set(ours) == set(theirs)
    for name, gradient in ours.items():
        same_signal(gradient, theirs[name])


def new_gelu(x):
    """As language models write it."""
    return 0.5 * x * (1 + torch.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * torch.pow(x, 3))))


PAIRS = {
    ("relu", "gelu"): (
        (jax.nn.relu, lambda x: jax.nn.gelu(x, approximate=False)),
        (nn.ReLU(inplace=True), F.gelu),
    ),
    ("leaky_relu(negative_slope=0.01)", "swish"): (
        (lambda x: jax.nn.leaky_relu(x, 0.01), jax.nn.silu),
        (F.leaky_relu, nn.SiLU()),
    ),
}


@pytest.mark.parametrize("names", PAIRS, ids=", ".join)
def test_a_dense_network_has_one_profile(names):
    ours, theirs = PAIRS[names]
    params = Dense.init()
    one = probe(Dense(ours), params, BATCHES, jax_loss)
    other = probe_torch(Torch(theirs, params), BATCHES, F.cross_entropy)
    assert [site.activation for site in other.sites] == [*names]
    assert not other.excluded
    same(one, other)
    same_parameters(one, other)


# Each as torch has it, and in other spellings.
SPELT = {
    "relu": [F.relu, nn.ReLU(), torch.relu, torch.relu_, lambda x: x.relu_(), nn.ReLU(True),
             lambda x: x.clamp(min=0), lambda x: torch.maximum(x, torch.zeros_like(x)),
             lambda x: torch.where(x > 0, x, 0.0), lambda x: F.relu(input=x, inplace=True)],
    "gelu": [F.gelu, nn.GELU(), lambda x: x * 0.5 * (1 + torch.erf(x / 2**0.5))],
    "gelu_tanh": [nn.GELU(approximate="tanh"), new_gelu],
    "swish": [F.silu, lambda x: x * torch.sigmoid(x), lambda x: x.mul_(x.sigmoid())],
    "mish": [F.mish, lambda x: x * F.softplus(x).tanh()],
    "sigmoid": [torch.sigmoid, nn.Sigmoid(), torch.special.expit, lambda x: 1 / (1 + (-x).exp())],
    "hard_swish": [F.hardswish, lambda x: x * F.relu6(x + 3) / 6],
    "hard_tanh": [F.hardtanh, lambda x: x.clamp_(-1, 1)],
    "relu6": [F.relu6, nn.Hardtanh(0, 6), lambda x: F.relu(x).clamp(max=6)],
    "elu(alpha=0.7)": [nn.ELU(0.7), lambda x: F.elu_(x, 0.7)],
    "softplus(beta=2)": [nn.Softplus(2), lambda x: torch.log1p(torch.exp(2 * x)) / 2],
    "leaky_relu(negative_slope=0.3)": [nn.LeakyReLU(0.3), lambda x: torch.maximum(x, 0.3 * x)],
}  # fmt: skip


@pytest.mark.parametrize("name", SPELT)
def test_however_it_is_spelt_it_is_one_activation(name):
    params = Dense.init()
    one, *others = (
        probe_torch(Torch((way, torch.tanh), params), BATCHES, F.cross_entropy)
        for way in SPELT[name]
    )
    assert [site.activation for site in one.sites] == [name, "tanh"]
    for other in others:
        same(one, other)


def test_a_slope_that_each_unit_learns_has_one_profile():
    params = Dense.init()
    learned = jnp.linspace(-0.2, 0.4, 12)

    def ours(params, x):
        first, second, third = params["layers"]
        x = jax.nn.relu(x @ first["weight"] + first["bias"][None])
        x = x @ second["weight"] + second["bias"][None]
        x = jnp.where(x > 0, x, params["prelu"]["weight"][None] * x)
        return x @ third["weight"] + third["bias"][None]

    prelu = nn.PReLU(12)
    prelu.weight.data = torch.tensor(np.asarray(learned))
    model = Torch((F.relu, prelu), params)
    model.prelu = prelu
    one = probe(ours, params | {"prelu": {"weight": learned}}, BATCHES, jax_loss)
    other = probe_torch(model, BATCHES, F.cross_entropy)
    assert [site.activation for site in other.sites] == ["relu", "prelu"]
    same(one, other)
    same_parameters(one, other)


def test_channels_are_the_units_of_a_convolution():
    rng = np.random.default_rng(2)
    kernels = [
        rng.normal(size=size).astype(np.float32) / 4 for size in ((4, 2, 3, 3), (3, 4, 3, 3))
    ]
    images = rng.normal(size=(24, 2, 9, 8)).astype(np.float32)
    params = {str(2 * i): {"weight": jnp.asarray(kernel)} for i, kernel in enumerate(kernels)}

    def ours(params, x):
        for i in (0, 2):
            kernel = params[str(i)]["weight"].transpose(2, 3, 1, 0)
            x = jax.lax.conv_general_dilated(
                x, kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
            )
            x = jnp.tanh(x) if i else jax.nn.relu(x)
        return x

    def loss(outputs, targets):
        return (outputs**2).mean()

    model = nn.Sequential(nn.Conv2d(2, 4, 3, bias=False), nn.ReLU(), nn.Conv2d(4, 3, 3, bias=False))
    model.append(nn.Tanh())
    for i, kernel in zip((0, 2), kernels, strict=True):
        model[i].weight.data = torch.tensor(kernel)
    one = probe(ours, params, [(images.transpose(0, 2, 3, 1), np.zeros(24))], loss)
    other = probe_torch(model, [(images, np.zeros(24))], loss)
    assert other.sites[0].shape == (7, 6, 4)
    assert [site.role for site in other.sites] == ["hidden", "output"]
    same(one, other)


def test_a_skip_is_no_part_of_a_gradient():
    model = Torch((lambda h: h.flip(-1) + F.relu(h), torch.tanh), Dense.init())
    site = probe_torch(model, (X, Y), F.cross_entropy).sites[0]
    h = model.layers[0](torch.tensor(X))
    alone = h.clone()
    alone.retain_grad()
    outputs = model.layers[2](torch.tanh(model.layers[1](h.flip(-1) + F.relu(alone))))
    F.cross_entropy(outputs, torch.tensor(Y)).backward()
    assert site.activation == "relu"
    assert site.gradient.l2 == pytest.approx(330 * float(alone.grad.double().norm()), rel=1e-5)


def test_without_a_loss_there_are_no_gradients():
    found = probe_torch(Torch((F.relu, F.relu), Dense.init()), [torch.tensor(X)])
    assert found.loss is None
    assert not found.parameters
    assert [site.gradient for site in found.sites] == [None, None]


def test_the_cut_into_batches_changes_nothing():
    model = Torch((F.gelu, F.relu), Dense.init())
    cut = [(X[i : i + 100], Y[i : i + 100]) for i in range(0, 330, 100)]
    whole = probe_torch(model, (X, Y), F.cross_entropy)
    same(whole, probe_torch(model, cut, F.cross_entropy))


def test_a_data_loader_may_shuffle():
    model = Torch((F.gelu, F.relu), Dense.init())
    # So few that all of them enter the covariances, whatever their order.
    few = X[:190], Y[:190]
    data = torch.utils.data.TensorDataset(*map(torch.tensor, few))
    loader = torch.utils.data.DataLoader(data, 64, shuffle=True)
    same(probe_torch(model, few, F.cross_entropy), probe_torch(model, loader, F.cross_entropy))


def test_sites_are_chosen_by_their_names():
    model = Torch((F.relu, F.relu), Dense.init())
    found = probe_torch(model, BATCHES, F.cross_entropy, include="layers.*", exclude=["*.1"])
    assert [site.name for site in found.sites] == ["layers.0"]
    assert found.excluded == (("layers.1", "left out, as asked"),)
    with pytest.raises(ActscopeError, match="no site is called like 'x'; expected one of"):
        probe_torch(model, BATCHES, F.cross_entropy, include="x")


def test_what_is_no_module_is_refused():
    with pytest.raises(ActscopeError, match=r"a model that is a function; expected a torch\.nn"):
        probe_torch(lambda x: x, BATCHES)
    with pytest.raises(ActscopeError, match="there is no batch"):
        probe_torch(nn.Linear(6, 3), [])
    with pytest.raises(ActscopeError, match="gives them once"):
        probe_torch(nn.Linear(6, 3), iter(BATCHES))
