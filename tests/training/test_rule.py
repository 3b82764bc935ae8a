from dataclasses import replace

import numpy as np
import pytest

from actscope.training import Numbers, Rule


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 3},
        {"learning_rate": 0.7},
        {"momentum": 0.1},
        {"weight_decay": 0.1},
        {"epochs": 9},
        {"patience": 2},
    ],
)
def test_what_is_a_number_shares_the_program(make_job, change):
    assert Rule.of(make_job(**change)) == Rule.of(make_job())


@pytest.mark.parametrize(
    "change",
    [
        {"hidden": (16, 16)},
        {"activation": "tanh"},
        {"optimizer": "adam"},
        {"schedule": "cosine"},
        {"gradient_clip": 1.0},
        {"batch_size": 64},
        {"task": "autoencoding"},
    ],
)
def test_what_is_not_does_not(make_job, change):
    assert Rule.of(make_job(**change)) != Rule.of(make_job())


def test_how_weights_begin_is_no_matter_of_the_program(make_job):
    job = make_job()
    other = replace(job, network=replace(job.network, initialisation="he_normal"))
    assert Rule.of(other) == Rule.of(job)


def test_two_clips_share_a_program_and_differ_in_the_number(make_job):
    jobs = [make_job(gradient_clip=clip) for clip in (0.5, 2.0)]
    assert Rule.of(jobs[0]) == Rule.of(jobs[1])
    assert [float(Numbers.of(job).settings.gradient_clip) for job in jobs] == [0.5, 2.0]


def test_the_numbers_are_those_of_the_job(make_job, digits):
    job = make_job(
        seed=2**32 - 1, epochs=7, batch_size=100, learning_rate=0.3, momentum=0.5, weight_decay=0.2
    )
    numbers = Numbers.of(job)
    steps = 7 * (len(digits.train) // 100)
    expected = np.float32([0.3, 0.5, 0.2, 0.0, steps])
    np.testing.assert_array_equal(np.array(numbers.settings), expected)
    assert int(numbers.seed) == 2**32 - 1
    assert float(numbers.spread) == 1.0
