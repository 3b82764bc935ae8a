import json
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from actscope import activations
from actscope._errors import ActscopeError
from actscope.networks import FeedForward, Saved
from actscope.tutorial import initial_params, load, save
from actscope.tutorial._pair import notebook_name

CONFIG = {"act_fn": {"name": "relu"}, "num_classes": 2, "hidden_sizes": [4]}


@pytest.fixture
def pair(tmp_path, pickled):
    """A pair as the notebook leaves it; returns a function that changes it."""

    def write(config=CONFIG, content=pickled):
        (tmp_path / "N.config").write_text(
            config if isinstance(config, str) else json.dumps(config)
        )
        (tmp_path / "N.tar").write_bytes(content)
        return tmp_path / "N.tar"

    return write


def assert_same(found, expected):
    assert jax.tree.structure(found) == jax.tree.structure(expected)
    for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other), strict=True)


@pytest.mark.parametrize("ending", ["", ".tar", ".config"])
def test_a_network_from_the_pair_alone(pair, layers, ending):
    saved = load(pair().with_name(f"N{ending}"))
    assert saved.network == FeedForward(activations.get("relu"), (4,), 2)
    assert_same(saved.params, {"layers": [layers["Dense_0"], layers["Dense_1"]]})
    assert isinstance(saved.params["layers"][0]["kernel"], jax.Array)
    assert saved.state == {}


def test_the_order_of_ten_and_more_layers(tmp_path):
    network = FeedForward(activations.get("tanh"), (3,) * 11, 3)
    params = initial_params(network, seed=0, features=3)
    save(tmp_path / "deep", Saved(network, params, {}))
    assert_same(load(tmp_path / "deep").params, params)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish"])
def test_what_is_saved_is_loaded(tmp_path, small, name):
    network = FeedForward(activations.get(name), (4,), 2)
    save(tmp_path / "a" / "network.v2", Saved(network, small.params, {}, {"note": 1}))
    assert (tmp_path / "a" / "network.v2.tar").is_file()
    found = load(tmp_path / "a" / "network.v2")
    assert found.network == network
    assert_same(found.params, small.params)


def test_weights_into_an_existing_network(pair, small, layers):
    other = FeedForward(activations.get("swish"), (4,), 2)
    found = load(pair(config="not read"), into=(other, small.params, {"kept": 1}))
    assert found.network is other
    assert found.state == {"kept": 1}
    assert_same(found.params, {"layers": [layers["Dense_0"], layers["Dense_1"]]})


def test_weights_that_do_not_fit_the_existing_network(pair, small):
    network = FeedForward(activations.get("swish"), (4,), 2)
    params = initial_params(network, seed=0, features=7)
    with pytest.raises(ActscopeError, match=r"Dense_0 has arrays .* expected kernel \(7, 4\)"):
        load(pair(), into=(network, params, {}))


class LeakyReLU(nn.Module):
    """As in the notebook: its field is called alpha."""

    alpha: float = 0.1

    def __call__(self, x):
        return jnp.where(x > 0, x, self.alpha * x)


class BaseNetwork(nn.Module):
    """The notebook's network, so far as `load_model` needs it."""

    act_fn: nn.Module
    num_classes: int = 10
    hidden_sizes: tuple = (512, 256, 256, 128)

    @nn.compact
    def __call__(self, x):
        x = x.reshape(x.shape[0], -1)
        for width in self.hidden_sizes:
            x = self.act_fn(nn.Dense(width)(x))
        return nn.Dense(self.num_classes)(x)


def test_the_notebook_reads_ours(tmp_path, small):
    save(tmp_path / "mine", small)
    config = json.loads((tmp_path / "mine.config").read_text())
    act_fn = config.pop("act_fn")
    assert act_fn.pop("name") == "leakyrelu"
    network = BaseNetwork(act_fn=LeakyReLU(**act_fn), **config)
    params = pickle.loads((tmp_path / "mine.tar").read_bytes())
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    ours, _ = small.network.apply(small.params, {}, x)
    np.testing.assert_array_equal(network.apply(params, x), ours)


def test_a_setting_that_the_notebook_has_no_field_for(tmp_path, small):
    network = FeedForward(activations.get("elu", alpha=0.5), (4,), 2)
    with pytest.raises(ActscopeError, match=r"elu\(alpha=0\.5\) cannot .* expected elu, the only"):
        save(tmp_path / "x", Saved(network, small.params, {}))
    assert not list(tmp_path.iterdir())


def test_an_activation_that_the_notebook_does_not_have(tmp_path, small):
    own = activations.Activation("wave", jnp.sin)
    with pytest.raises(ActscopeError, match="unknown activation of the tutorial 'wave'"):
        save(tmp_path / "x", Saved(FeedForward(own, (4,), 2), small.params, {}))
    impostor = activations.Activation("relu", jnp.sin)
    with pytest.raises(ActscopeError, match="cannot be written for the tutorial's notebook"):
        save(tmp_path / "x", Saved(FeedForward(impostor, (4,), 2), small.params, {}))
    residual = FeedForward(activations.get("elu"), (4,), 2, "residual")
    with pytest.raises(ActscopeError, match="a network of layer 'residual'"):
        save(tmp_path / "x", Saved(residual, small.params, {}))
    learned = activations.get("elu", trainable=["alpha"])
    with pytest.raises(ActscopeError, match=r"elu\(alpha=1 learned\); expected .* nothing learned"):
        save(tmp_path / "x", Saved(FeedForward(learned, (4,), 2), small.params, {}))


@pytest.mark.parametrize(
    ("act_fn", "expected"),
    [
        ({"name": "LeakyReLU"}, activations.get("leaky_relu")),
        ({"name": "leakyrelu", "alpha": 0.25}, activations.get("leaky_relu", negative_slope=0.25)),
        ({"alpha": 1, "name": "leakyrelu"}, activations.get("leaky_relu", negative_slope=1.0)),
        ({"name": "Swish"}, activations.get("swish")),
    ],
)
def test_activations_of_a_config(pair, act_fn, expected):
    assert load(pair(CONFIG | {"act_fn": act_fn})).network.activation == expected


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("config", "found"),
    [
        ("{", "is not JSON"),
        ("[" * 60_000, "is not JSON"),
        ("[]", "lacks an entry"),
        (" " * 70_000, "has 70,000 bytes; expected at most 65,536"),
        ({"act_fn": {"name": "relu"}, "num_classes": 2}, "lacks an entry"),
        (CONFIG | {"act_fn": "relu"}, "lacks an entry"),
        (CONFIG | {"num_classes": 2.0}, "lacks an entry"),
        (CONFIG | {"hidden_sizes": "4"}, "lacks an entry"),
        (CONFIG | {"hidden_sizes": ["4"]}, r"hidden_sizes\[0\] is '4'; expected a whole number"),
        (CONFIG | {"hidden_sizes": [-4]}, "layers of widths"),
        (CONFIG | {"dropout": 0.1}, "unknown entry 'dropout'"),
        (CONFIG | {"act_fn": {}}, "act_fn has no name"),
        (CONFIG | {"act_fn": {"name": "gelu"}}, "unknown activation of the tutorial 'gelu'"),
        (CONFIG | {"act_fn": {"name": "os:system"}}, "unknown activation of the tutorial"),
        (CONFIG | {"act_fn": {"name": "elu", "alpha": 1.0}}, "elu has no field 'alpha'"),
        (CONFIG | {"act_fn": {"name": "leakyrelu", "alpha": "0.1"}}, "expected a number"),
        (CONFIG | {"act_fn": {"name": "leakyrelu", "alpha": float("nan")}}, "finite number"),
        (CONFIG | {"hidden_sizes": [5]}, "Dense_0 has arrays"),
        (CONFIG | {"num_classes": 3}, "Dense_1 has arrays"),
        (CONFIG | {"hidden_sizes": [4, 4]}, "2 layers; expected Dense_0, Dense_1, Dense_2"),
        (CONFIG | {"hidden_sizes": []}, "2 layers; expected Dense_0"),
    ],
)
def test_configs_that_are_not_the_tutorials(pair, config, found):
    path = pair(config)
    with pytest.raises(ActscopeError, match=found) as error:
        load(path)
    assert str(path.parent / "N") in str(error.value)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda layers: layers["Dense_0"].pop("bias"), "Dense_0 has arrays"),
        (lambda layers: layers["Dense_0"].pop("kernel"), "Dense_0 has arrays"),
        (lambda layers: layers["Dense_0"].update(scale=np.ones(4, "f4")), "Dense_0 has arrays"),
        (lambda layers: layers["Dense_1"].update(kernel=np.ones((5, 2), "f4")), "Dense_1 has"),
        (lambda layers: layers["Dense_1"].update(kernel=np.ones(8, "f4")), "Dense_1 has arrays"),
        (lambda layers: layers.update(Dense_7=layers.pop("Dense_1")), "2 layers"),
        (lambda layers: layers.clear(), "0 layers"),
    ],
)
def test_weights_of_another_shape(pair, layers, change, found):
    change(layers)
    with pytest.raises(ActscopeError, match=rf"N\.tar: .*{found}"):
        load(pair(content=pickle.dumps({"params": layers}, 3)))


def test_a_pair_that_is_not_whole(tmp_path, pair):
    with pytest.raises(ActscopeError, match=r"N\.config cannot be read \(No such file"):
        load(tmp_path / "N.tar")
    pair().unlink()
    with pytest.raises(ActscopeError, match=r"N\.tar cannot be read \(No such file"):
        load(tmp_path / "N.config")
    (tmp_path / "N.tar").mkdir()
    with pytest.raises(ActscopeError, match=r"N\.tar cannot be read \(Is a directory"):
        load(tmp_path / "N")


def test_a_large_file_is_not_read_to_its_end(pair):
    path = pair()
    with path.open("r+b") as file:
        file.truncate(2**30 + 1)  # a hole: it takes no room
    with pytest.raises(ActscopeError, match=r"N\.tar has 1,073,741,825 bytes; expected at most"):
        load(path)


def test_arrays_are_native_and_of_their_own(pair, layers):
    layers["Dense_0"]["kernel"] = layers["Dense_0"]["kernel"].astype(">f4")
    found = load(pair(content=pickle.dumps({"params": layers}, 3)))
    kernel = found.params["layers"][0]["kernel"]
    assert kernel.dtype == jnp.float32
    np.testing.assert_array_equal(kernel, layers["Dense_0"]["kernel"])


def test_names_of_the_notebook():
    assert [notebook_name(name) for name in ("leaky_relu", "elu")] == ["leakyrelu", "elu"]
    with pytest.raises(ActscopeError, match="did you mean 'leaky_relu'"):
        notebook_name("leakyrelu")


def test_the_tutorials_own_files(checkpoints, tmp_path):
    found = load(checkpoints / "FashionMNIST_relu.tar")
    assert found.network == FeedForward(activations.get("relu"))
    arrays = pickle.loads((checkpoints / "FashionMNIST_relu.tar").read_bytes())["params"]
    assert_same(found.params, {"layers": [dict(arrays[f"Dense_{n}"]) for n in range(5)]})
    save(tmp_path / "again", found)
    assert_same(load(tmp_path / "again").params, found.params)


def test_a_number_too_large_for_a_float_is_refused(pair):
    with pytest.raises(ActscopeError, match="expected a finite number"):
        load(pair(CONFIG | {"act_fn": {"name": "leakyrelu", "alpha": 10**400}}))


@pytest.mark.parametrize("sizes", [["4"], [True], [None], [4.0]])
def test_widths_that_are_none_are_refused(pair, sizes):
    with pytest.raises(ActscopeError, match=r"hidden_sizes\[0\] is .*; expected a whole number"):
        load(pair(CONFIG | {"hidden_sizes": sizes}))
