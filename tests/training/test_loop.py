import os
import subprocess
import sys
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.training import CHECKPOINT, _loop, fit, fit_all


def same(one, other):
    """Whether two runs gave the same, bit for bit, but for their wall times."""
    trees = [(run.params, run.state, dict(run.observed)) for run in (one, other)]
    jax.tree.map(np.testing.assert_array_equal, *trees)
    epochs = [[replace(e, seconds=0.0) for e in run.history.epochs] for run in (one, other)]
    assert epochs[0] == epochs[1]
    assert one.history.diverged_at == other.history.diverged_at


def kernel_norm(rule, numbers, carry, inputs, targets):
    return {"norm": jnp.linalg.norm(carry.params["layers"][0]["kernel"])}


@pytest.mark.heavy
def test_learns(make_job):
    best = fit(make_job(epochs=20, patience=20, hidden=(32,))).history.best
    assert best.validation_score > 0.93  # 0.96 is what 32 hidden units come to


@pytest.mark.heavy
def test_seeds_differ_and_a_seed_does_not(make_job):
    runs = [fit(make_job(seed=seed)) for seed in (0, 0, 1)]
    same(runs[0], runs[1])
    assert runs[2].history.epochs[0].train_loss != runs[0].history.epochs[0].train_loss


def test_a_checkpoint_changes_nothing(make_job, tmp_path):
    same(fit(make_job()), fit(make_job(), folder=tmp_path / "made" / "here"))


def test_a_run_that_is_over_is_read_not_trained(make_job, tmp_path, monkeypatch):
    trained = fit(make_job(), folder=tmp_path, observe=kernel_norm)
    monkeypatch.setattr(_loop, "train_epoch", None)
    again = fit(make_job(), folder=tmp_path, observe=kernel_norm)
    same(trained, again)
    assert again.history == trained.history


@pytest.mark.parametrize(
    "moment",
    [lambda p: p.epoch == 3, lambda p: len(p.history.epochs) == 2],
    ids=["in the third epoch", "told of the second"],
)
def test_interrupted_it_goes_on_from_the_last_finished_epoch(make_job, tmp_path, moment):
    job = make_job(epochs=4)

    def interrupt(progress):
        if moment(progress):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(job, folder=tmp_path, observe=kernel_norm, watch=interrupt)
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT]
    epochs = []
    resumed = fit(
        job,
        folder=tmp_path,
        observe=kernel_norm,
        watch=lambda progress: epochs.append(progress.epoch),
    )
    assert set(epochs) == {3, 4}
    same(resumed, fit(job, observe=kernel_norm))


@pytest.mark.heavy
def test_divergence_is_remembered(make_job, tmp_path):
    job = make_job(hidden=(16, 16), learning_rate=1e6)
    first = fit(job, folder=tmp_path)
    again = fit(job, folder=tmp_path)
    assert again.history.diverged_at == first.history.diverged_at is not None
    same(first, again)


def test_the_instrument_sees_the_first_examples_after_each_epoch(make_job, digits):
    def look(rule, numbers, carry, inputs, targets):
        return {"images": inputs, "labels": targets, "bias": carry.params["layers"][1]["bias"]}

    trained = fit(make_job(epochs=2), observe=look)
    first = digits.split("first256")
    for epoch in range(2):
        images, labels = trained.observed["images"][epoch], trained.observed["labels"][epoch]
        np.testing.assert_array_equal(images, digits.normalization(first.images))
        np.testing.assert_array_equal(labels, first.labels)
    best = trained.history.best.number - 1
    np.testing.assert_array_equal(
        trained.observed["bias"][best], trained.params["layers"][1]["bias"]
    )


def test_the_instrument_belongs_to_the_run(make_job, tmp_path):
    fit(make_job(), folder=tmp_path, observe=kernel_norm)
    with pytest.raises(ActscopeError, match="observed is True there and False here"):
        fit(make_job(), folder=tmp_path)


def test_given_weights_are_where_it_starts_and_are_left_alone(make_job):
    start = make_job(seed=7).begin()
    before = jax.tree.map(np.array, start)
    given = fit(make_job(seed=7, start=start))
    same(given, fit(make_job(seed=7)))
    same(fit(make_job(seed=7, start=before)), given)
    jax.tree.map(np.testing.assert_array_equal, start, before)


# Two devices must be asked for before jax is imported.
THREADS = """
from concurrent.futures import ThreadPoolExecutor
import jax, numpy as np
from actscope import activations, data
from actscope.networks import FeedForward
from actscope.training import Job, Recipe, fit

dataset, recipe = data.load("digits"), Recipe(epochs=3, batch_size=64)
jobs = [
    Job(FeedForward(activations.get(name), (300, 64)), dataset, recipe, seed=3)
    for name in ("relu", "tanh")
]
devices = jax.devices()
assert len(devices) == 2
alone = [fit(job) for job in jobs]
with ThreadPoolExecutor(2) as pool:
    together = list(pool.map(lambda i: fit(jobs[i], device=devices[i]), range(2)))
for i, (one, two) in enumerate(zip(alone, together)):
    jax.tree.map(np.testing.assert_array_equal, one.params, two.params)
    assert jax.tree.leaves(two.params)[0].devices() == {devices[i]}
    runs = (one, two)
    numbers = [[(e.train_loss, e.validation_loss) for e in run.history.epochs] for run in runs]
    assert numbers[0] == numbers[1]
"""


@pytest.mark.slow
def test_alone_or_beside_another_on_its_own_device():
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=2"
    environment = {**os.environ, "XLA_FLAGS": flags}
    ran = subprocess.run(
        [sys.executable, "-c", THREADS],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert ran.returncode == 0, ran.stderr


def mixed(make_job):
    """Runs of one program that end for three reasons, at three rates."""
    rates = (0.1, 0.3, 1e6, 0.01, 0.05)
    same = {"hidden": (16, 16), "epochs": 5, "patience": 2}
    return [make_job(**same, seed=seed, learning_rate=rate) for seed, rate in enumerate(rates)]


@pytest.mark.heavy
def test_one_lane_gives_what_each_gives_alone(make_job):
    jobs = mixed(make_job)
    together = dict(fit_all(jobs, lanes=1, observe=kernel_norm))
    for index, job in enumerate(jobs):
        same(together[index], fit(job, observe=kernel_norm))


@pytest.mark.heavy
@pytest.mark.parametrize("lanes", [2, 3, 5, 8])
def test_several_lanes_give_nearly_what_each_gives_alone(make_job, lanes):
    jobs = mixed(make_job)
    together = dict(fit_all(jobs, lanes=lanes, observe=kernel_norm))
    assert sorted(together) == list(range(len(jobs)))
    for index, job in enumerate(jobs):
        alone, found = fit(job, observe=kernel_norm), together[index]
        assert (alone.history.diverged_at is None) == (found.history.diverged_at is None)
        if alone.history.diverged_at is None:
            # A batched product rounds otherwise; within the first epoch that has not grown yet.
            first, other = alone.history.epochs[0], found.history.epochs[0]
            assert other.train_loss == pytest.approx(first.train_loss, rel=1e-4)
            assert len(found.observed["norm"]) == len(found.history.epochs)


@pytest.mark.heavy
def test_which_neighbours_a_lane_has_changes_no_bit(make_job):
    jobs = mixed(make_job)
    pairs = [dict(fit_all([jobs[0], other], lanes=2)) for other in (jobs[1], jobs[2])]
    same(pairs[0][0], pairs[1][0])
    (order,) = [dict(fit_all([jobs[1], jobs[0]], lanes=2))]
    same(pairs[0][0], order[1])


def test_a_lane_that_is_over_makes_room(make_job):
    jobs, told = mixed(make_job), []
    for _ in fit_all(jobs, lanes=2, watch=lambda index, progress: told.append((index, progress))):
        pass
    begun = list(dict.fromkeys(index for index, _ in told))
    assert begun == list(range(len(jobs)))
    last = dict(told)
    assert all(last[i].history.is_over(job.recipe) for i, job in enumerate(jobs))


def test_a_checkpoint_now_and_then(make_job, tmp_path, monkeypatch):
    saved = []
    monkeypatch.setattr(_loop._checkpoint, "save", lambda *_: saved.append(1))
    fit(make_job(epochs=4), folder=tmp_path, every=1e9)
    assert not saved
    clock = iter(range(0, 100, 6))
    monkeypatch.setattr(_loop.time, "monotonic", lambda: next(clock))
    fit(make_job(epochs=3), folder=tmp_path, every=10)
    assert len(saved) == 1  # after 12 seconds; the third epoch ends 6 seconds later
