"""Which of a PyTorch model's calls are sites, what they are called, and what is passed over."""

import pytest

from actscope.pytorch import probe_torch

torch = pytest.importorskip("torch")
F = torch.nn.functional
nn = torch.nn

V = torch.linspace(-2, 2, 40 * 16).sin().reshape(40, 16)
LOSS = F.mse_loss


class One(nn.Module):
    """A layer before and one after what is looked at."""

    def __init__(self, act, width=16):
        super().__init__()
        self.a, self.act, self.b = nn.Linear(16, 16), act, nn.Linear(width, 16)

    def forward(self, x):
        return self.b(self.act(self.a(x)))


class Own(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(0)

    @staticmethod
    def backward(ctx, gradient):
        return gradient * (ctx.saved_tensors[0] > 0)


PASSED = {
    "softmax": (lambda x: F.softmax(x, -1), 16, "a softmax"),
    "softmax's method": (lambda x: x.softmax(-1), 16, "a softmax"),
    "logarithm": (lambda x: F.log_softmax(x, -1), 16, "a logsumexp"),
    "glu": (nn.GLU(), 8, r"one half gates the other \(glu\)"),
    "maximum": (lambda x: torch.maximum(x[:, :8], x[:, 8:]), 8, "the largest of several"),
    "amax": (lambda x: x.amax(1, keepdim=True), 1, "the largest of several"),
    "max_pool": (lambda x: F.max_pool1d(x, 2), 8, "the largest of several"),
    "topk": (lambda x: x.topk(3).values, 3, "some of several"),
    "rrelu": (nn.RReLU(), 16, "it draws random numbers"),
    "norm": (lambda x: x / x.norm(dim=1, keepdim=True).clamp(min=1e-3), 16, "a guarded norm"),
    "own": (Own.apply, 16, "within Own, a function that brings its own derivative"),
    "vmap": (torch.vmap(torch.relu), 16, "within a transform of torch.func"),
}


@pytest.mark.parametrize("name", PASSED)
def test_what_is_no_site_is_listed_with_the_reason(name):
    act, width, reason = PASSED[name]
    found = probe_torch(One(act, width), (V, V), LOSS)
    assert not found.sites
    ((place, told),) = found.excluded
    assert place == "a"
    assert pytest.importorskip("re").match(f".*{reason}", told)


def test_kernels_and_attention_are_listed_by_their_own_name():
    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention = nn.MultiheadAttention(16, 2, batch_first=True)
            self.cells = nn.LSTM(16, 4, batch_first=True)

        def forward(self, x):
            return torch.tanh(self.cells(self.attention(x, x, x)[0])[0])

    found = probe_torch(Both(), [(V.reshape(8, 5, 16), V[:8, :4].reshape(8, 1, 4))], None)
    assert [(site.name, site.activation) for site in found.sites] == [("cells", "tanh")]
    assert dict(found.excluded) == {
        "attention": "a softmax: not elementwise",
        "cells": "within lstm, into which the probe does not look",
    }


@pytest.mark.parametrize(
    "act",
    [nn.Dropout(0.2), nn.LayerNorm(16), lambda x: x * 2 + 1, lambda x: x**2, F.normalize],
    ids=["dropout", "layer norm", "affine", "square", "normalize"],
)
def test_what_activates_nothing_is_not_mentioned(act):
    found = probe_torch(One(act), (V, V), LOSS)
    assert not found.sites
    assert not found.excluded


def test_a_function_that_no_table_holds_is_a_site():
    found = probe_torch(One(nn.Hardtanh(-2, 1.5)), (V * 9, V), LOSS)
    (site,) = found.sites
    assert (site.activation, site.function) == ("custom(hardtanh)", None)
    assert site.pre.min < -2 == site.post.min


def test_a_module_that_is_called_twice_is_two_sites():
    layer = nn.Linear(16, 16)
    model = nn.Sequential(layer, nn.Tanh(), layer, nn.Tanh())
    one, other = probe_torch(model, (V, V), LOSS).sites
    assert (one.name, other.name) == ("0", "0#2")
    assert (one.role, other.role) == ("hidden", "output")
    assert one.source.startswith("nn/modules/activation.py:")


def test_the_line_is_the_users():
    class Lines(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(16, 16), nn.ReLU())

        def forward(self, x):
            return torch.tanh(self.net(x))

    line = Lines.forward.__code__.co_firstlineno + 1
    for site in probe_torch(Lines(), (V, V), LOSS).sites:
        assert site.source == f"tests/pytorch/test_recorder.py:{line}"


def test_a_gradient_is_that_of_backpropagation():
    torch.manual_seed(0)
    model = One(nn.Tanh())
    (site,) = probe_torch(model, (V, V), LOSS).sites
    pre = model.a(V)
    pre.retain_grad()
    LOSS(model.b(torch.tanh(pre)), V).backward()
    assert site.gradient.l2 == pytest.approx(40 * float(pre.grad.double().norm()), rel=1e-5)


def test_a_view_that_is_written_into_has_its_gradient():
    def act(x):
        x[:, :8].relu_()
        return x

    torch.manual_seed(0)
    model = One(act)
    (site,) = probe_torch(model, (V, V), LOSS).sites
    model.act = lambda x: torch.cat([x[:, :8].relu(), x[:, 8:]], 1)
    (expected,) = probe_torch(model, (V, V), LOSS).sites
    assert site.units == 8
    assert site.gradient.l2 == pytest.approx(expected.gradient.l2) != 0


def test_a_checkpoint_is_looked_into():
    from torch.utils.checkpoint import checkpoint

    torch.manual_seed(0)
    model = One(F.gelu)
    (expected,) = probe_torch(model, (V, V), LOSS).sites
    model.act = lambda x: checkpoint(F.gelu, x, use_reentrant=False)
    (site,) = probe_torch(model, (V, V), LOSS).sites
    assert (site.activation, site.name) == ("gelu", "a")
    assert site.gradient.l2 == expected.gradient.l2


def test_channels_stay_the_units_wherever_they_are_moved():
    class Moved(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.norm = nn.Conv2d(1, 3, 3), nn.LayerNorm(3)

        def forward(self, x):
            x = torch.relu(self.conv(x.reshape(-1, 1, 4, 4)).permute(0, 2, 3, 1))
            return torch.tanh(self.norm(x)).flatten(1)

    found = probe_torch(Moved(), V)
    assert [(site.units, site.shape) for site in found.sites] == [(3, (2, 2, 3))] * 2


@pytest.mark.parametrize(
    ("act", "label"),
    [
        (lambda h: h + F.relu(h), "custom(relu, add)"),
        (lambda h: 0.1 * torch.tanh(h) + h, "custom(tanh, mul, add)"),
        (lambda h: (h + torch.sin(h)) * 2, "custom(sin, add)"),
        (lambda h: h * F.relu6(h + 3) / 6, "hard_swish"),
        (lambda h: h * (1 + torch.erf(h / 2**0.5)) * 0.5, "gelu"),
        (lambda h: (2 * F.relu(h)).square(), "relu"),
    ],
)
def test_a_skip_around_a_nonlinearity_alone_is_part_of_it(act, label):
    found = probe_torch(One(act), (V, V), LOSS)
    assert [site.activation for site in found.sites] == [label]


def test_a_skip_around_a_layer_is_not():
    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(16, 16), nn.Linear(16, 16)

        def forward(self, x):
            h = self.a(x)
            return h + F.relu(self.b(F.relu(h)))

    found = probe_torch(Residual(), (V, V), LOSS)
    assert [(site.name, site.activation) for site in found.sites] == [("a", "relu"), ("b", "relu")]
