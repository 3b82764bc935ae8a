"""A PyTorch model is afterwards what it was; what goes wrong in it is told with its place."""

import copy
import random

import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.pytorch import probe_torch
from actscope.pytorch._run import same_randomness

torch = pytest.importorskip("torch")
F = torch.nn.functional
nn = torch.nn

V = torch.linspace(-2, 2, 40 * 16).sin().reshape(40, 16)
LOSS = F.mse_loss


class Training(nn.Module):
    """Writes into its buffers and its inputs, and draws."""

    def __init__(self):
        super().__init__()
        self.first, self.norm, self.second = nn.Linear(16, 8), nn.BatchNorm1d(8), nn.Linear(8, 16)
        self.dropout = nn.Dropout(0.3)
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x):
        x.mul_(1.5)
        self.calls = self.calls + 1
        x = self.norm(self.first(x)).relu_()
        return self.second(self.dropout(x))


def test_nothing_is_left_behind():
    torch.manual_seed(3)
    model, inputs = Training(), V.clone()
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    model.second.bias.grad, model.second.weight.requires_grad = None, False
    before, calls = copy.deepcopy(model.state_dict()), model.calls
    was = [(p.requires_grad, p.grad, p._version) for p in model.parameters()]
    state = torch.get_rng_state()
    probe_torch(model, [(inputs, V), (inputs[:7], V[:7])], LOSS)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(inputs, V)
    assert model.training
    assert model.calls is calls
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    for parameter, (learns, gradient, version) in zip(model.parameters(), was, strict=True):
        assert (parameter.requires_grad, parameter._version) == (learns, version)
        assert parameter.grad is gradient
        assert gradient is None or (gradient == 1).all()


def test_two_probes_see_the_same_randomness():
    torch.manual_seed(3)
    model = Training()
    one, other = (probe_torch(model, (V, V), LOSS) for _ in range(2))
    assert one.loss == other.loss
    counts = one.outputs[0].histogram.counts
    np.testing.assert_array_equal(counts, other.outputs[0].histogram.counts)
    assert counts.sum() == V.numel()


def test_random_states_are_what_they_were():
    drawn = []
    for _ in range(2):
        with same_randomness():
            drawn.append((random.random(), float(torch.rand(()))))
    assert drawn[0] == drawn[1] == (random.random(), float(torch.rand(())))


def test_what_is_seen_is_what_the_model_gives():
    model = Training().eval()
    found = probe_torch(model, (V, V), LOSS)
    pre = model.norm(model.first(V * 1.5)).detach().double()
    assert found.sites[0].pre.mean == pytest.approx(float(pre.mean()), rel=1e-5)
    assert found.sites[0].post.l2 == pytest.approx(float(pre.relu().norm()), rel=1e-5)


def test_frozen_parameters_let_gradients_through():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(16, 8), nn.ReLU(inplace=True), nn.Linear(8, 16))
    learning = probe_torch(model, (V, V), LOSS)
    frozen = probe_torch(model.requires_grad_(False), (V, V), LOSS)
    assert frozen.sites[0].gradient.l2 == learning.sites[0].gradient.l2 > 0
    assert not frozen.parameters
    assert not any(parameter.requires_grad for parameter in model.parameters())


def test_what_is_detached_has_no_gradient():
    class Detached(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(16, 8), nn.Linear(8, 16)

        def forward(self, x):
            with torch.no_grad():
                x = torch.tanh(self.a(x))
            return torch.tanh(self.b(x))

    first, second = probe_torch(Detached(), (V, V), LOSS).sites
    assert first.gradient.l2 == 0
    assert second.gradient.l2 > 0


def test_arguments_come_one_by_one_or_by_name():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Linear(16, 16)

        def forward(self, x, scale):
            return {"b": torch.relu(self.a(x)), "a": scale}

    model, scale = Two(), torch.ones(40, 1)
    x = V.double().numpy()  # becomes float32
    one = probe_torch(model, [((x, scale), V)], lambda o, t: LOSS(o["b"], t))
    other = probe_torch(model, [({"x": x, "scale": scale}, V)], lambda o, t: LOSS(o["b"], t))
    assert one.loss == other.loss
    assert [output.count for output in one.outputs] == [40, 640]
    assert one.accuracy is None


def test_half_precision_is_seen():
    model = nn.Sequential(nn.Linear(16, 16), nn.GELU(), nn.Linear(16, 16)).bfloat16()
    found = probe_torch(model, (V.bfloat16(), V.bfloat16()), LOSS)
    expected = model[0](V.bfloat16()).detach().double().norm()
    assert found.sites[0].activation == "gelu"
    assert found.sites[0].pre.l2 == pytest.approx(float(expected), rel=1e-5)


class Broken(nn.Module):
    """Its second line is wrong."""

    def __init__(self):
        super().__init__()
        self.a = nn.Linear(16, 16)

    def forward(self, x):
        return self.a(x).reshape(7, 7)


WRONG = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(3, 3))
RIGHT = nn.Linear(16, 16)
ERRORS = {
    "its line": (Broken(), LOSS, r"test_run.py:\d+ \(forward\) raised RuntimeError: shape"),
    "its layer": (WRONG, LOSS, r"torch, after 0, raised .*; inputs are torch.float32\[40, 16\]"),
    "its loss": (RIGHT, lambda o, t: o @ t, "the loss cannot be calculated: .* raised Runtime"),
    "no number": (RIGHT, lambda o, t: o - t, r"a loss that is torch.float32\[40, 16\]; expected"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_name_their_place(name):
    model, loss, told = ERRORS[name]
    with pytest.raises(ActscopeError, match=told):
        probe_torch(model, (V, V), loss)


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")
def test_a_lazy_module_must_have_been_called():
    with pytest.raises(ActscopeError, match="has no shape yet; call the model once"):
        probe_torch(nn.LazyLinear(3), (V, V))


def test_complex_parameters_are_passed_through_and_have_no_gradient_of_their_own():
    class Spectral(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Linear(16, 16)
            self.scale = nn.Parameter(torch.ones(9, dtype=torch.complex64))

        def forward(self, x):
            return torch.fft.irfft(torch.fft.rfft(F.relu(self.a(x))) * self.scale, n=16)

    model = Spectral()
    found, plain = (
        probe_torch(model, (V, V), LOSS),
        probe_torch(nn.Sequential(model.a, nn.ReLU()), (V, V), LOSS),
    )
    assert [each.name for each in found.parameters] == ["a.weight", "a.bias"]
    assert found.sites[0].gradient.std == pytest.approx(plain.sites[0].gradient.std, rel=1e-5)
