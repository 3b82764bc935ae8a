"""From a member to what is trained: every setting arrives, and members are paired."""

import jax
import numpy as np
import pytest

from actscope import activations, study, training
from actscope._errors import ActscopeError
from actscope.networks import FeedForward
from actscope.study import _build
from actscope.training import Recipe


@pytest.fixture(scope="module")
def jobs(make_plan, digits):
    """Makes the jobs of a small plan."""

    def make(**axes):
        members = make_plan(**{"seeds": [3], **axes}).members
        return [_build.job(member, digits) for member in members]

    return make


def kernels(job):
    params, _ = job.begin()
    return [layer["kernel"] for layer in params["layers"]]


def test_every_setting_arrives(digits):
    given = {
        "activation": {"name": "leaky_relu", "negative_slope": 0.3},
        "hidden_sizes": [6, 5],
        "layer": "residual",
        "normalization": "layer",
        "dropout": 0.2,
        "initialization": "orthogonal",
        "task": "autoencoding",
        "optimizer": "adamw",
        "learning_rate": 0.02,
        "momentum": 0.3,
        "weight_decay": 0.01,
        "schedule": "cosine",
        "gradient_clip": 2.5,
    }
    heading = {"seeds": [7], "epochs": 4, "patience": 3, "dataset": "digits", "batch_size": 100}
    (member,) = study.plan(study.spec({"study": heading, "axes": given})).members
    job = _build.job(member, digits)
    assert job.network == FeedForward(
        activations.get(given["activation"]),
        (6, 5),
        64,
        layer="residual",
        normalization="layer",
        dropout=0.2,
        initialisation="orthogonal",
    )
    assert job.recipe == Recipe(
        epochs=4,
        patience=3,
        batch_size=100,
        optimizer="adamw",
        learning_rate=0.02,
        momentum=0.3,
        weight_decay=0.01,
        schedule="cosine",
        gradient_clip=2.5,
    )
    assert (job.seed, job.task, job.dataset) == (7, training.task("autoencoding"), digits)


def test_members_of_one_program_share_a_rule(jobs):
    found = jobs(
        seeds=2,
        activation=["relu", "tanh"],
        learning_rate=[0.1, 0.2],
        momentum=[0.0, 0.5],
        initialization=["pytorch", "he_normal"],
    )
    assert len(found) == 32
    assert len({training.Rule.of(job) for job in found}) == 2


def test_paired_members_begin_with_the_same_weights(jobs):
    relu, tanh = jobs(activation=["relu", "tanh"])
    jax.tree.map(np.testing.assert_array_equal, relu.begin(), tanh.begin())
    (other,) = jobs(seeds=[4])
    assert not np.array_equal(kernels(relu)[0], kernels(other)[0])


@pytest.mark.heavy
def test_paired_members_draw_the_same_numbers_before_scaling(jobs):
    he, lecun = jobs(initialization=["he_normal", "lecun_normal"])
    for one, other in zip(kernels(he), kernels(lecun), strict=True):
        # variances of 2 and 1 over fan_in
        np.testing.assert_allclose(one, np.sqrt(2) * other, rtol=1e-6)


@pytest.mark.heavy
def test_deeper_members_begin_like_shallow_ones(jobs):
    shallow, deep = jobs(hidden_sizes=[[8], [8, 8]])
    np.testing.assert_array_equal(kernels(shallow)[0], kernels(deep)[0])


MINE = """
import jax
from actscope.networks import FeedForward

def bump(x):
    return jax.numpy.exp(-x * x)

class Bare(FeedForward):
    def apply(self, params, state, x, *, key=None, train=False):
        return super().apply(params, state, x, key=key, train=train)

class Plain(FeedForward):
    __eq__ = object.__eq__
    __hash__ = object.__hash__
    program = property(lambda self: self)

def bare(activation, num_outputs):
    return Bare(activation, (8,), num_outputs)

def shown(activation, num_outputs):
    return FeedForward(activation, (8,), num_outputs)

def plain(activation, num_outputs):
    return Plain(activation, (8,), num_outputs)

def wrong(activation, num_outputs):
    return "a network"

def broken(activation):
    pass

def failing(activation, num_outputs):
    raise ValueError("not today")
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A module in the current folder."""
    (tmp_path / "mine_to_study.py").write_text(MINE)
    monkeypatch.chdir(tmp_path)


def test_a_network_of_the_users_own(digits, monkeypatch):
    asked = []

    def build(function, outputs):
        asked.append((function, outputs))
        return FeedForward(function, (4,), outputs)

    monkeypatch.setattr(_build, "load_target", {"here:build": build}.get)
    settings = {"activation": "tanh", "network": "here:build"}
    network = _build.network(settings, training.task("classification"), digits)
    assert network == FeedForward(activations.get("tanh"), (4,), 10)
    assert asked == [(activations.get("tanh"), 10)]


@pytest.mark.usefixtures("mine")
def test_a_network_that_equals_itself_alone_is_made_once(jobs):
    one, other = jobs(seeds=2, network="mine_to_study:plain")
    assert training.Rule.of(one) == training.Rule.of(other)


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("wrong", "mine_to_study:wrong made a str; expected a network: num_outputs, program"),
        ("broken", r"mine_to_study:broken raised TypeError: broken\(\) takes 1 positional"),
        ("failing", "raised ValueError: not today; expected a network, made of an activation and"),
    ],
)
def test_what_makes_no_network_is_said(jobs, name, message):
    with pytest.raises(ActscopeError, match=message):
        jobs(network=f"mine_to_study:{name}")


@pytest.mark.heavy
@pytest.mark.usefixtures("mine")
def test_activations_of_ones_own_and_those_that_learn(make_plan, tmp_path):
    leaky = {"name": "leaky_relu", "negative_slope": 0.25, "trainable": ["negative_slope"]}
    plan = make_plan(seeds=1, epochs=2, activation=["mine_to_study:bump", leaky])
    record = study.run(plan, tmp_path / "out")
    rows = {row["activation"]: row for row in record.members.to_pylist()}
    assert rows.keys() == {"mine_to_study:bump", "leaky_relu(negative_slope=0.25 learned)"}
    bump, prelu = rows.values() if "bump" in next(iter(rows)) else reversed(rows.values())
    assert prelu["parameters"] == bump["parameters"] + 1
    assert min(bump["test_score"], prelu["test_score"]) > 0.3
    slopes = [
        row["weight_rms"]
        for row in record.layers.to_pylist()
        if row["parameter"] == "layers.0.activation.negative_slope"
    ]
    assert len(slopes) == 2
    assert 0.25 not in slopes  # it has learned
    assert slopes[0] != slopes[1]


@pytest.mark.heavy
@pytest.mark.usefixtures("mine")
def test_networks_of_ones_own(undisturbed, make_plan, tmp_path):
    own = ["mine_to_study:shown", "mine_to_study:bare"]
    record = study.run(make_plan(seeds=[1], activation="relu", network=own), tmp_path / "out")
    rows = {row["network"].split(":")[1]: row for row in record.members.to_pylist()}
    (built_in,) = undisturbed[0].where(activation="relu", seed=1).members.to_pylist()
    for name, row in rows.items():  # the same network, as ours would be
        assert row["test_loss"] == pytest.approx(built_in["test_loss"], rel=1e-4), name
        assert (row["hidden_sizes"], row["depth"]) == (None, None)
    assert (rows["shown"]["dead"], rows["shown"]["units"]) == (built_in["dead"], [8])
    assert (rows["bare"]["dead"], rows["bare"]["units"]) == ([], [])
    assert set(record.sites["network"].to_pylist()) == {"mine_to_study:shown"}
