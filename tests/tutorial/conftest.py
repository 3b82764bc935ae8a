"""What the tutorial's tests share: a small network, and pickles of it by Python's own pickler."""

import pickle

import numpy as np
import pytest
from flax.core.frozen_dict import FrozenDict

from actscope import activations, data, tutorial
from actscope.networks import FeedForward, Saved
from actscope.tutorial import _measure


@pytest.fixture
def layers():
    """A network of 3 inputs, 4 hidden units and 2 classes."""
    generator = np.random.default_rng(0)
    shapes = {"Dense_0": (3, 4), "Dense_1": (4, 2)}
    return {
        name: {
            "kernel": generator.normal(size=shape).astype(np.float32),
            "bias": generator.normal(size=shape[1:]).astype(np.float32),
        }
        for name, shape in shapes.items()
    }


@pytest.fixture
def frozen(layers):
    """What the notebook hands to `pickle.dump`."""
    return FrozenDict({"params": layers})


@pytest.fixture
def pickled(frozen):
    return pickle.dumps(frozen, protocol=3)


@pytest.fixture(scope="session")
def fashion(data_folder):
    """FashionMNIST in the tutorial's split."""
    return data.load("fashion_mnist")


@pytest.fixture(scope="session")
def checkpoints(data_folder):
    """The folder of the tutorial's trained networks; skipped where ReLU's is not there."""
    folder = data_folder / "tutorial3_checkpoints"
    if not (folder / "FashionMNIST_relu.tar").is_file():
        pytest.skip("the tutorial's networks are not here")
    return folder


@pytest.fixture
def small():
    """A network of 3 inputs, with weights."""
    network = FeedForward(activations.get("leaky_relu", negative_slope=0.3), (4,), 2)
    params = tutorial.initial_params(network, seed=1, features=3)
    return Saved(network, params, {})


@pytest.fixture(scope="session")
def noise():
    """64 random images in place of FashionMNIST."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (64, 28, 28), dtype=np.uint8)
    split = data.Split(images, np.arange(64, dtype=np.int32) % 10)
    normalization = data.Normalization(255.0, 0.5, 0.5)
    return data.Dataset("noise", split, split, split, tuple("0123456789"), normalization, {})


@pytest.fixture(scope="session")
def begun(noise):
    """All measurements of small networks over noise, one of them for a trained one."""
    sizes = {"untrained": (6,), "trained": (6,), "deep": (6, 4)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_measure, "HIDDEN_SIZES", sizes)
        found = {
            "relu": tutorial.Pretrained(reason="it is elsewhere"),
            "tanh": tutorial.Pretrained(_measure.initial("tanh", 5)),
        }
        return tutorial.measure(noise, found)
