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


def test_paired_members_draw_the_same_numbers_before_scaling(jobs):
    he, lecun = jobs(initialization=["he_normal", "lecun_normal"])
    for one, other in zip(kernels(he), kernels(lecun), strict=True):
        # variances of 2 and 1 over fan_in
        np.testing.assert_allclose(one, np.sqrt(2) * other, rtol=1e-6)


def test_deeper_members_begin_like_shallow_ones(jobs):
    shallow, deep = jobs(hidden_sizes=[[8], [8, 8]])
    np.testing.assert_array_equal(kernels(shallow)[0], kernels(deep)[0])


MINE = """
from actscope.networks import FeedForward

class Plain(FeedForward):
    __eq__ = object.__eq__
    __hash__ = object.__hash__
    program = property(lambda self: self)

def plain(activation, num_outputs):
    return Plain(activation, (4,), num_outputs)

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
    (tmp_path / "mine_to_build.py").write_text(MINE)
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
    one, other = jobs(seeds=2, network="mine_to_build:plain")
    assert training.Rule.of(one) == training.Rule.of(other)


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("wrong", "mine_to_build:wrong made a str; expected a network: num_outputs, program"),
        ("broken", r"mine_to_build:broken raised TypeError: broken\(\) takes 1 positional"),
        ("failing", "raised ValueError: not today; expected a network, made of an activation and"),
    ],
)
def test_what_makes_no_network_is_said(jobs, name, message):
    with pytest.raises(ActscopeError, match=message):
        jobs(network=f"mine_to_build:{name}")
