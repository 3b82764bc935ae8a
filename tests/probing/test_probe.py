"""The probe's door: one network written in many ways gives one profile."""

import equinox
import haiku
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen, nnx

from actscope._errors import ActscopeError
from actscope.probing import Probe, probe

pytestmark = pytest.mark.usefixtures("as_users_write")

RNG = np.random.default_rng(12)
X = RNG.normal(size=(12, 4)).astype(np.float32)
Y = np.arange(12, dtype=np.int32) % 3
SIZES = {"a": (4, 6), "b": (6, 6), "c": (6, 3)}
PARAMS = {
    name: {
        "kernel": RNG.normal(size=shape).astype(np.float32) / 2,
        "bias": RNG.normal(size=shape[1]).astype(np.float32),
    }
    for name, shape in SIZES.items()
}


def layer(p, x):
    return x @ p["kernel"] + p["bias"]


def network(p, x):
    return layer(p["c"], jnp.tanh(layer(p["b"], jax.nn.relu(layer(p["a"], x)))))


def loss(outputs, targets):
    return -jnp.take_along_axis(jax.nn.log_softmax(outputs), targets[:, None], 1).mean()


@pytest.fixture(scope="module")
def plain():
    with jax.numpy_rank_promotion("allow"):
        return probe(network, PARAMS, (X, Y), loss)


def numbers(profile):
    """All that is said of the sites, and the sizes of the parameters' gradients."""
    said = [profile.examples, profile.loss]
    for site in profile.sites:
        for signal in (site.pre, site.post, site.gradient):
            said += [signal.count, signal.l2, signal.std, signal.min, signal.max]
        said += [site.dead.sum(), site.saturated_fraction, site.correlation]
    return said


def assert_alike(found, plain, rtol=2e-5):
    assert [(site.name, site.activation, site.role, site.shape) for site in found.sites] == [
        (site.name, site.activation, site.role, site.shape) for site in plain.sites
    ]
    np.testing.assert_allclose(numbers(found), numbers(plain), rtol=rtol)


class Linen(linen.Module):
    @linen.compact
    def __call__(self, x):
        x = linen.tanh(linen.Dense(6, name="b")(linen.relu(linen.Dense(6, name="a")(x))))
        return linen.Dense(3, name="c")(x)


class Nnx(nnx.Module):
    def __init__(self):
        for name, shape in SIZES.items():
            made = nnx.Linear(*shape, rngs=nnx.Rngs(0))
            made.kernel[...], made.bias[...] = PARAMS[name]["kernel"], PARAMS[name]["bias"]
            setattr(self, name, made)

    def __call__(self, x):
        return self.c(nnx.tanh(self.b(nnx.relu(self.a(x)))))


class Equinox(equinox.Module):
    a: equinox.nn.Linear
    b: equinox.nn.Linear
    c: equinox.nn.Linear

    def __init__(self):
        for name, shape in SIZES.items():
            made = equinox.nn.Linear(*shape, key=jax.random.key(0))
            weights = PARAMS[name]["kernel"].T, PARAMS[name]["bias"]
            setattr(self, name, equinox.tree_at(lambda m: (m.weight, m.bias), made, weights))

    def __call__(self, x):
        return self.c(jnp.tanh(self.b(jax.nn.relu(self.a(x)))))


def in_haiku(x):
    x = jnp.tanh(haiku.Linear(6, name="b")(jax.nn.relu(haiku.Linear(6, name="a")(x))))
    return haiku.Linear(3, name="c")(x)


HAIKU = {name: {"w": p["kernel"], "b": p["bias"]} for name, p in PARAMS.items()}


@pytest.mark.parametrize(
    "model",
    [
        lambda: (Linen().apply, {"params": PARAMS}),
        lambda: (Nnx(),),
        lambda: (Equinox(),),
        lambda: (haiku.without_apply_rng(haiku.transform(in_haiku)).apply, HAIKU),
    ],
    ids=["linen", "nnx", "equinox", "haiku"],
)
def test_every_framework_gives_one_profile(model, plain):
    found = probe(*model(), (X, Y), loss=loss)
    assert_alike(found, plain)
    assert found.accuracy == plain.accuracy
    assert all("test_probe.py:" in site.source for site in found.sites)
    weights = {each.name.replace("weight", "kernel"): each.gradient.l2 for each in found.parameters}
    for each in plain.parameters:
        name = each.name if each.name in weights else each.name.replace("kernel", "w")
        name = name if name in weights else name.replace("bias", "b")
        assert weights[name] == pytest.approx(each.gradient.l2, rel=2e-5)


class Unhashable:
    __hash__ = None

    def __call__(self, outputs, targets):
        return loss(outputs, targets)


KEY = jax.random.key(0)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("model", "params", "batch", "measured"),
    [
        (
            lambda p, batch: {"logits": network(p, batch["x"]), "inner": (batch["x"],)},
            PARAMS | {"step": np.int32(3), "name": 4},
            {"x": X.astype(np.float64), "y": Y.astype(np.int64)},
            lambda outputs, batch: loss(outputs["logits"], batch["y"]),
        ),
        (
            lambda p, inputs: (network(p, inputs[0] + inputs[1]), 1.0, None),
            PARAMS,
            ((X / 2, X / 2, KEY), Y),
            lambda outputs, targets: loss(outputs[0], targets),
        ),
        (
            lambda p, batch: network(p, batch["x"]),
            PARAMS,
            ({"key": jax.random.key_data(KEY), "x": X}, Y),
            Unhashable(),
        ),
        (lambda p, x: jax.lax.map(lambda row: network(p, row), x), PARAMS, (X, Y), loss),
    ],
    ids=["dictionary", "tuple", "raw key", "map"],
)
def test_other_ways_to_write_it_give_the_same(model, params, batch, measured, plain):
    found = probe(model, params, batch, measured)
    assert_alike(found, plain)
    assert [each.name for each in found.parameters] == [each.name for each in plain.parameters]


@pytest.mark.heavy
def test_a_short_last_batch_counts_by_its_examples(plain):
    found = probe(network, PARAMS, [(X[:5], Y[:5]), (X[5:10], Y[5:10]), (X[10:], Y[10:])], loss)
    assert_alike(found, plain)
    assert found.accuracy == plain.accuracy


def test_parameters_that_are_closed_over(plain):
    found = probe(lambda _, x: network(PARAMS, x), {}, (X, Y), loss)
    np.testing.assert_allclose(numbers(found), numbers(plain), rtol=2e-5)
    assert found.parameters == ()
    assert [site.role for site in found.sites] == ["hidden", "hidden"]


def test_outputs_that_are_nan_are_counted_as_such(plain):
    found = probe(lambda p, x: network(p, x) / 0.0 * 0, PARAMS, (X, Y), loss)
    assert found.outputs[0].nonfinite == 36
    assert found.loss != found.loss
    assert [site.pre.l2 for site in found.sites] == [
        pytest.approx(site.pre.l2) for site in plain.sites
    ]


@pytest.mark.heavy
def test_without_a_loss_there_are_no_gradients(plain):
    found = probe(network, PARAMS, X)
    assert (found.loss, found.accuracy, found.parameters) == (None, None, ())
    assert [site.gradient for site in found.sites] == [None, None]
    assert found.sites[1].post.l2 == pytest.approx(plain.sites[1].post.l2)


@pytest.mark.heavy
def test_one_probe_takes_any_parameters():
    def deep(params, x):
        for name in sorted(params)[:-1]:
            x = jnp.tanh(layer(params[name], x))
        return layer(params["c"], x)

    made = Probe(deep, loss)
    shallow = {name: PARAMS[name] for name in "bc"}
    wider = {"a": PARAMS["a"], "b": PARAMS["b"], "b2": PARAMS["b"], "c": PARAMS["c"]}
    assert [site.name for site in made(PARAMS, (X, Y)).sites] == ["a", "b"]
    assert [site.name for site in made(shallow, (RNG.normal(size=(12, 6)), Y)).sites] == ["b"]
    assert [site.name for site in made(wider, (X, Y)).sites] == ["a", "b", "b2"]
    again = made(PARAMS, (X, Y))
    np.testing.assert_array_equal(numbers(again), numbers(probe(deep, PARAMS, (X, Y), loss)))


@pytest.mark.heavy
def test_sites_are_chosen_by_name():
    found = probe(network, PARAMS, X, include=["a", "b*"], exclude="a")
    assert [site.name for site in found.sites] == ["b"]
    assert found.excluded == (("a", "left out, as asked"),)
    with pytest.raises(ActscopeError, match="no site is called like 'z\\*'; expected one of a, b"):
        probe(network, PARAMS, X, exclude="z*")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((network, PARAMS, (X[:, :3], Y), loss), r"test_probe.py:\d+ \(layer\) raised TypeError"),
        ((network, PARAMS, (X, Y[0]), loss), r"loss cannot.*test_probe.py:\d+ \(loss\) raised"),
        ((network, PARAMS, (X, Y), lambda o, _: o.sum(-1)), r"a loss that is float32\[12\]"),
        ((network, PARAMS, (X, Y), lambda o, _: (o.sum(), o)), "a loss that is a tuple"),
        ((network, PARAMS, (X, Y), lambda _, t: t.sum()), r"a loss that is int32\[\]"),
        ((network, PARAMS, iter([(X, Y)]), loss), "an iterator, which gives them once"),
        ((network, PARAMS, [], loss), "there is no batch"),
        ((network, PARAMS, (X[:0], Y[:0]), loss), "batch 0 holds no example"),
        ((network, PARAMS, 3), "batches is a int"),
        ((Linen(), {"params": PARAMS}, X), r"not bound.*pass its apply"),
        ((Nnx(), PARAMS, X), "params beside a Nnx"),
        ((PARAMS, PARAMS, X), "a model that is a dict"),
    ],
)
def test_an_error_says_what_and_where(given, told):
    with pytest.raises(ActscopeError, match=told):
        probe(*given)
