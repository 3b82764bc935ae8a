"""What theory foretells, against closed forms."""

import math

import pytest

from actscope import answers, study
from actscope.answers import foretold
from actscope.data import load
from actscope.study import Record

pytestmark = pytest.mark.heavy

SPEC = {
    "study": {"name": "s", "dataset": "digits", "seeds": 1, "epochs": 1},
    "axes": {
        "activation": "relu",
        "hidden_sizes": [[8, 32, 16]],
        "initialization": ["he_normal", "lsuv"],
        "learning_rate": [0.01, 0.1],
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("foretold") / "study"
    study.run(study.plan(study.spec(SPEC)), place)
    return place


def test_of_he_and_relu_every_layer_is_twice_the_mean_square_of_the_inputs(folder):
    (answer,) = answers.answers(folder)
    dataset = load("digits")
    square = float((dataset.normalization(dataset.train.first(1000).images) ** 2).mean())
    for setting, found in zip(
        answer.settings, foretold(answer.settings, Record.open(folder)), strict=True
    ):
        if setting.levels["initialization"] == "lsuv":  # it looks at the data
            assert found == ()
            continue
        assert [layer.second_moment for layer in found] == pytest.approx([2 * square] * 3, rel=1e-6)
        # He's weights have variance 2 by fan-in: back from 16 to 32 and 8 units the mean square of
        # a gradient is multiplied by fan-out times that by half: 16 / 32, and 32 / 8.
        sizes = [math.sqrt(16 / 32 * 32 / 8), math.sqrt(16 / 32), 1]
        assert [layer.gradient for layer in found] == pytest.approx(sizes, rel=1e-6)


def test_of_averaged_cells_nothing_is_foretold(folder):
    (answer,) = answers.answers(folder, by=["initialization"])
    assert foretold(answer.settings, Record.open(folder)) == ((), ())
