from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.training import History
from actscope.training._lanes import Ground, Lanes, chosen
from actscope.training._snapshot import Weights, begin


@pytest.fixture
def jobs(make_job):
    return [make_job(seed=seed) for seed in range(3)]


def made(jobs):
    return Lanes.of(jobs, [begin(job) for job in jobs], None)


def same(one, other):
    jax.tree.map(np.testing.assert_array_equal, one, other)


def test_what_goes_in_comes_out(jobs):
    lanes = made(jobs)
    for lane, job in enumerate(jobs):
        snapshot = lanes.snapshot(lane)
        same((snapshot.carry, snapshot.best), (begin(job).carry, begin(job).best))
        assert (snapshot.history, dict(snapshot.observed)) == (History(), {})


def test_another_run_takes_the_place_of_one_alone(jobs, make_job):
    other = make_job(seed=9, learning_rate=0.7)
    first = replace(begin(other), observed={"a": np.zeros(1)})
    lanes = made(jobs).put(1, other, first)
    assert lanes.jobs == (jobs[0], other, jobs[2])
    same(lanes.snapshot(1).carry, first.carry)
    assert lanes.snapshot(1).observed is first.observed
    for lane in (0, 2):
        same(lanes.snapshot(lane).carry, begin(jobs[lane]).carry)
    np.testing.assert_array_equal(lanes.numbers.seed, [0, 9, 2])
    np.testing.assert_allclose(lanes.numbers.settings.learning_rate, [0.1, 0.7, 0.1], rtol=1e-6)


def test_lanes_that_are_over_do_not_run(jobs):
    lanes = made(jobs)
    lanes = replace(lanes, histories=(History(), History(diverged_at=1), History()))
    assert lanes.running == (0, 2)


def test_the_better_weights_are_chosen_lane_by_lane():
    new, old = (Weights({"w": jnp.full((3, 2), x)}, {}) for x in (1.0, 2.0))
    found = chosen(np.array([True, False, True]), new, old)
    np.testing.assert_array_equal(found.params["w"], [[1, 1], [2, 2], [1, 1]])


def test_runs_of_two_programs_or_data_sets_do_not_go_side_by_side(jobs, make_job, digits):
    for other in (make_job(activation="tanh"), make_job(dataset=replace(digits))):
        with pytest.raises(ActscopeError, match="several programs or data sets"):
            Ground.of([*jobs, other], None)


def test_the_ground_is_the_data_of_the_task(make_job, digits):
    job = make_job(task="regression")
    ground = Ground.of([job], None)
    same(ground.train.images, digits.train.images)
    same(ground.train.targets, job.task.targets(digits, "train"))
    same(ground.batch.targets, job.task.targets(digits, "train")[:256])
    same(ground.validation.targets, job.task.targets(digits, "validation"))
