import numpy as np
import pytest

from actscope import activations, data, diagnosis, networks, training, tutorial

TUTORIAL = ["--init", "tutorial", "--stream", "tutorial"]


@pytest.fixture(scope="module")
def fashion(data_folder):
    return data.load("fashion_mnist")


@pytest.fixture(scope="module")
def relu_tar(data_folder):
    """The tutorial's own trained network."""
    path = data_folder / "tutorial3_checkpoints" / "FashionMNIST_relu.tar"
    if not path.is_file():
        pytest.skip("the tutorial's networks are not here")
    return path


def forward(layers, x):
    """Post-activations of a relu network and its logits, by NumPy alone."""
    arrays = [(np.asarray(layer["kernel"]), np.asarray(layer["bias"])) for layer in layers]
    posts = []
    for kernel, bias in arrays[:-1]:
        x = np.maximum(x @ kernel + bias, 0)
        posts.append(x)
    kernel, bias = arrays[-1]
    return posts, x @ kernel + bias


def numpy_probe(params, dataset, split):
    """Dead units, accuracy, and mean of each post-activation, by a forward pass of its own."""
    rows = dataset.normalization(split.images).reshape(len(split), -1)
    posts, logits = forward(params["layers"], rows)
    return (
        [np.flatnonzero((post == 0).all(axis=0)).tolist() for post in posts],
        (logits.argmax(axis=1) == split.labels).mean(),
        [post.mean(dtype=np.float64) for post in posts],
    )


def agree(found, expected):
    """The JSON tells what NumPy found."""
    dead, accuracy, means = expected
    assert [site["dead_units"] for site in found["sites"]] == dead
    assert [site["dead"] for site in found["sites"]] == [len(units) for units in dead]
    assert found["accuracy"] == accuracy
    assert [site["post"]["mean"] for site in found["sites"]] == pytest.approx(means, rel=1e-4)


@pytest.mark.heavy
def test_the_tutorials_untrained_network_for_any_key(call, read, fashion):
    options = ["--activation", "relu", "--hidden", "64,30,17", "--seed", "3", *TUTORIAL]
    where = ["--dataset", "fashion_mnist", "--split", "train"]
    said = call("probe", "untrained", *options, *where, "--json", "-")
    assert (said.status, said.err) == (0, "")
    found = read(said.out, "probe")
    assert found["examples"] == 50_000
    network = networks.FeedForward(activations.get("relu"), (64, 30, 17))
    params = tutorial.initial_params(network, seed=3)
    agree(found, numpy_probe(params, fashion, fashion.train))
    assert [parameter["name"] for parameter in found["parameters"]] == [
        f"layers.{index}.{kind}" for index in range(4) for kind in ("bias", "kernel")
    ]


@pytest.mark.heavy
def test_the_tutorials_trained_network(call, read, relu_tar, fashion):
    said = call("probe", relu_tar, "--json", "-")
    assert (said.status, said.err) == (0, "")
    found = read(said.out, "probe")
    assert [site["dead"] for site in found["sites"]] == [0, 0, 3, 3]  # as the tutorial prints
    params = tutorial.load(relu_tar).params
    agree(found, numpy_probe(params, fashion, fashion.train))


@pytest.mark.heavy
@pytest.mark.parametrize(("split", "examples"), [("test", 10_000), ("first256", 256)])
def test_parts_of_the_data(call, read, relu_tar, fashion, split, examples):
    found = read(call("probe", relu_tar, "--split", split, "--json", "-").out, "probe")
    assert found["examples"] == examples
    params = tutorial.load(relu_tar).params
    agree(found, numpy_probe(params, fashion, fashion.split(split)))
    if split == "test":
        assert round(found["accuracy"], 4) == 0.8865  # as the tutorial prints


@pytest.mark.heavy
def test_a_run_is_probed_on_what_it_was_trained_on(call, trained, digits):
    said = call("probe", trained, "--split", "validation")
    assert (said.status, said.err) == (0, "")
    saved = networks.load(trained)
    judged = training.evaluate(saved.network, saved.params, saved.state, digits, "validation")
    assert said.out.splitlines()[-4:] == [
        f"relu on {len(digits.validation)} examples of digits (validation)",
        f"loss {judged.loss:.4g}, accuracy {judged.score:.2%}, dead units [0]",
        "",
        "nothing wrong was found",
    ]


@pytest.mark.heavy
def test_a_network_in_a_file_of_any_name(call, read, trained, place, digits):
    path = place / "mine.safetensors"
    path.write_bytes((trained / networks.FILE_NAME).read_bytes())
    found = read(call("probe", path, "--split", "test", "--json", "-").out, "probe")
    agree(found, numpy_probe(networks.load(path).params, digits, digits.test))


def test_the_table_fits_into_80_columns(call, monkeypatch, trained):
    monkeypatch.setenv("COLUMNS", "80")
    said = call("probe", trained, "--split", "first256")
    assert max(map(len, said.out.splitlines())) <= 80
    row = said.out.splitlines()[2].split()
    assert row[:2] == ["layers.0", "16"]
    assert row[-3:] == ["0", "(0.00%)", "0.0%"]


@pytest.mark.heavy
def test_a_function_whose_slope_is_nowhere_large_has_no_saturated_share(call, place):
    (place / "cli_flat.py").write_text("import jax.numpy as jnp\ndef sign(x): return jnp.sign(x)\n")
    options = ["--hidden", "4", "--activation", "cli_flat:sign", "--split", "first256"]
    said = call("probe", "untrained", "--dataset", "digits", *options)
    assert said.status == 0
    assert said.out.splitlines()[2].split()[-3:] == ["4", "(100.00%)", "–"]  # dead, saturated


@pytest.mark.heavy
def test_the_default_stream_is_where_training_begins(call, read, digits):
    options = ["--dataset", "digits", "--hidden", "24,12", "--seed", "5", "--init", "he_normal"]
    where = ["--split", "first256", "--json", "-"]
    found = read(call("probe", "untrained", *options, *where).out, "probe")
    network = networks.FeedForward(
        activations.get("relu"), (24, 12), 10, initialisation="he_normal"
    )
    params, _ = training.Job(network, digits, seed=5).begin()
    agree(found, numpy_probe(params, digits, digits.split("first256")))


@pytest.mark.heavy
def test_the_two_streams_differ(call, read):
    options = ["--dataset", "digits", "--hidden", "8", "--split", "first256", "--json", "-"]
    ours, theirs = (
        read(call("probe", "untrained", *options, "--stream", stream).out, "probe")
        for stream in ("default", "tutorial")
    )
    assert ours["loss"] != theirs["loss"]


def test_pictures_of_its_sites(call, trained, place):
    said = call("probe", trained, "--split", "first256", "--plot", "seen.svg")
    assert said.out.splitlines()[-2:] == ["drawn in seen.svg", "drawn in seen-distributions.svg"]
    one, other = ((place / f"seen{ending}.svg").read_text() for ending in ("", "-distributions"))
    assert "<svg" in one
    assert "<svg" in other
    assert one != other


@pytest.mark.heavy
def test_a_file_that_it_was_trained_on_must_be_named(call, place, read):
    x, y = np.random.default_rng(0).normal(size=(40, 8)).astype(np.float32), np.arange(40) % 2
    np.savez(place / "mnist.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    small = ["--hidden", "4", "--epochs", "1", "--out", "run"]
    assert call("train", "--dataset", "mnist.npz", *small).status == 0
    said = call("probe", "run")
    assert said.status == 2
    assert said.error == (
        "the network was trained on mnist.npz; say where that is: --dataset mnist.npz"
    )
    said = call("probe", "run", "--dataset", "mnist.npz", "--split", "test", "--json", "-")
    assert read(said.out, "probe")["examples"] == 40


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["nowhere"], "'nowhere' is not there; expected a run's folder, a network's file, a .tar"),
        (
            ["my.module:model"],
            "'my.module:model': importing 'my.module' raised ModuleNotFoundError",
        ),
        (["."], "network.safetensors: no such file"),
        (["nowhere.tar"], "nowhere.config cannot be read (No such file or directory)"),
        (["untrained", "--stream", "tutoral"], "unknown stream 'tutoral'; expected one of default"),
        (["untrained", "--init", "he"], "unknown initialisation 'he'"),
        (["untrained", "--split", "tests"], "unknown split 'tests'"),
        (["untrained", "--seed", "-1"], "seed -1; expected 0 to 4294967295"),
        (["untrained", "--hidden", "a"], "--hidden 'a'; expected whole numbers"),
    ],
)
def test_what_is_refused(call, place, arguments, error):
    said = call("probe", *arguments, "--dataset", "digits")
    assert (said.status, said.out) == (2, "")
    assert said.error.startswith(error)
    assert not list(place.iterdir())


def test_a_data_set_that_does_not_fit_is_refused(call, relu_tar):
    said = call("probe", relu_tar, "--dataset", "digits")
    assert said.status == 2
    assert said.error.startswith("digits: inputs of shape (1, 8, 8); expected 784 numbers each")


MODEL = """
import jax, jax.numpy as jnp, numpy as np

def function(params, x):
    return jax.nn.softmax(jnp.tanh(x @ params["hidden"]["w"]) @ params["out"]["w"])

def loss(outputs, targets):
    return -jnp.take_along_axis(jax.nn.log_softmax(outputs), targets[:, None], 1).mean()

def build():
    draw = np.random.default_rng(0)
    w = {"hidden": {"w": draw.normal(size=(6, 8))}, "out": {"w": draw.normal(size=(8, 3)) / 9}}
    x = draw.normal(size=(20, 6)).astype(np.float32)
    y = x[:, :3].argmax(axis=1)
    return function, jax.tree.map(jnp.float32, w), [(x[:12], y[:12]), (x[12:], y[12:])], loss

def short(): return 3, 4
def broken(): raise KeyError("weights")
"""


@pytest.fixture
def mine(place):
    """A model of one's own in the current folder: softmax before a loss that takes logits."""
    (place / "cli_model.py").write_text(MODEL)
    return "cli_model:build"


def test_a_model_of_ones_own(call, read, mine):
    said = call("probe", mine, "--json", "-")
    assert (said.status, said.err) == (0, "")
    found = read(said.out, "probe")
    assert found["examples"] == 20
    (site,) = found["sites"]
    assert (site["name"], site["activation"], site["units"]) == ("hidden", "tanh", 8)
    assert "cli_model.py:5" in site["source"]
    assert {each["rule"] for each in found["findings"]} == {"output_activation"}
    assert [each["reason"] for each in found["excluded"]] == ["a softmax: not elementwise"]


def test_strict_is_status_1_where_a_finding_is_an_error(call, mine):
    said = call("probe", mine, "--strict")
    assert (said.status, said.err) == (1, "")
    assert "error  output_activation" in said.out
    assert "outputs probabilities, loss takes logits" in said.out
    assert call("probe", mine).status == 0


def test_a_remedy_is_tried_on_a_model_of_ones_own(call, read, mine, place):
    said = call("probe", mine, "--remedy", "--json", str(place / "found.json"))
    assert (said.status, said.err) == (0, "")
    tried, refused, remark, most, chosen = said.out.splitlines()[-5:]
    assert tried.startswith("  no softmax before the output: loss after 200 steps lower by ")
    told = "not tried, no activation of that kind was recognised"
    assert refused == f"  no activation before the output: {told}"
    assert remark == "  (no optimizer was given: Adam at 1e-3)"
    assert most == "helps most"
    assert chosen.startswith("  no softmax before the output: loss after 200 steps lower by ")
    found = read((place / "found.json").read_text(), "probe")["remedies"]
    assert found["chosen"]["confirmed"]
    assert 0 < found["chosen"]["lower"]["low"] < found["chosen"]["lower"]["mean"]
    (other,) = found["not_applied"]
    assert other["name"] == "no activation before the output"


@pytest.mark.heavy
def test_a_remedy_is_tried_on_a_network_of_ours(call, monkeypatch):
    remedy = diagnosis.remedy

    def few(model, profile, **options):
        return remedy(model, profile, **options, steps=3, screen=1, seeds=2)

    monkeypatch.setattr("actscope.study._remedy.diagnosis.remedy", few)
    options = "--dataset digits --activation sigmoid --hidden 8,8,8,8,8,8 --remedy"
    said = call("probe", "untrained", *options.split())
    assert (said.status, said.err) == (0, "")
    told = said.out.partition("\ntried\n")[2].splitlines()
    assert any(each.startswith("  critical initialisation: loss after 3 steps") for each in told)
    assert "  residual branches x 1/√N: not tried, no residual branch was recognised" in told


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("short", "cli_model:short returned a tuple of 2; expected (fn, params, batches, loss)"),
        ("broken", "cli_model:broken raised KeyError: 'weights'"),
        ("MODEL", "unknown attribute of 'cli_model' 'MODEL'"),
    ],
)
def test_what_is_no_model(call, mine, name, error):
    said = call("probe", f"cli_model:{name}")
    assert (said.status, said.out) == (2, "")
    assert said.error.startswith(error)
