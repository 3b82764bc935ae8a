"""What shards of made-up numbers weigh."""

import numpy as np
import pytest

from actscope.study import _disk, _shard
from actscope.study._cost import cost
from actscope.study._disk import weigh
from actscope.study._plan import plan
from actscope.study._specfile import spec

STUDY = {"dataset": "digits", "batch_size": 128, "seeds": 1}


@pytest.fixture(scope="module")
def weights(make_job):
    """Of members of a few epochs and of many."""
    found = {}
    for epochs in (2, 40):
        (member,) = plan(spec({"study": {**STUDY, "epochs": epochs}})).members
        found[epochs] = weigh(member, cost(make_job(hidden=(64, 32))))
    return found


def test_many_members_weigh_what_a_few_say_of_them(make_job, weights, tmp_path):
    (member,) = plan(spec({"study": {**STUDY, "epochs": 40}})).members
    found, rng = cost(make_job(hidden=(64, 32))), np.random.default_rng(1)
    path = tmp_path / "shard.parquet"
    _shard.write(path, [_disk._imagined(member, found, rng) for _ in range(20)], {})
    assert weights[40].of(1, 20) == pytest.approx(path.stat().st_size, rel=0.1)


def test_the_numbers_of_a_member_are_not_compressed_away(weights):
    # Of each epoch five doubles; of each of two sites thirteen singles, and three histograms of 50
    # bins that take a byte a bin or so; of each of six parameters three singles.
    epoch = 5 * 8 + 2 * (13 * 4 + 3 * 50) + 6 * 3 * 4
    more = (weights[40].member - weights[2].member) / 38
    assert 0.8 * epoch < more < 1.3 * epoch


def test_a_shard_has_its_price_however_few_members_it_has(weights):
    assert weights[2].shard == pytest.approx(weights[40].shard, rel=0.2)
    assert weights[2].shard > weights[2].member
