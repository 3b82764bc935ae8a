"""A study of one: trained once, kept, gone on with, never lost."""

import numpy as np
import pytest

from actscope import networks, study, training
from actscope._errors import ActscopeError


def _same(one, other):
    left, right = one.to_json(), other.to_json()
    for document in (left, right):
        document.pop("seconds")
        for epoch in document["epochs"]:
            epoch.pop("seconds")
    assert left == right
    for a, b in zip(one.saved.params["layers"], other.saved.params["layers"], strict=True):
        np.testing.assert_array_equal(a["kernel"], b["kernel"])
        np.testing.assert_array_equal(a["bias"], b["bias"])


@pytest.mark.heavy
def test_the_best_network_is_kept_and_judged(make_job, tmp_path, digits):
    run = study.train(make_job(epochs=5), tmp_path / "run")
    assert [path.name for path in (tmp_path / "run").iterdir()] == [networks.FILE_NAME]
    saved = run.saved
    again = training.evaluate(saved.network, saved.params, saved.state, digits, "validation")
    assert again.score == run.history.best.validation_score
    test = training.evaluate(saved.network, saved.params, saved.state, digits)
    assert run.test == test


def test_a_trained_network_is_not_trained_again(make_job, tmp_path):
    first = study.train(make_job(), tmp_path)
    watched = []
    _same(study.train(make_job(), tmp_path, watch=watched.append), first)
    assert not watched
    again = study.train(make_job(), tmp_path, overwrite=True, watch=watched.append)
    assert watched
    _same(again, first)


class _StopError(Exception):
    pass


def _stop_in_epoch(number):
    def watch(progress):
        if progress.epoch == number:
            raise _StopError

    return watch


def test_it_goes_on_where_it_was_stopped(make_job, tmp_path):
    whole = study.train(make_job(epochs=4), tmp_path / "whole")
    with pytest.raises(_StopError):
        study.train(make_job(epochs=4), tmp_path / "cut", watch=_stop_in_epoch(3))
    epochs = []
    found = study.train(
        make_job(epochs=4), tmp_path / "cut", watch=lambda progress: epochs.append(progress.epoch)
    )
    assert min(epochs) == 3
    _same(found, whole)


def test_what_was_there_stays_until_the_new_run_is_finished(make_job, tmp_path):
    old = study.train(make_job(seed=1), tmp_path)
    with pytest.raises(_StopError):
        study.train(make_job(seed=2), tmp_path, overwrite=True, watch=_stop_in_epoch(2))
    _same(study.train(make_job(seed=1), tmp_path), old)


def test_the_run_of_another_job_is_not_taken_for_this_one(make_job, tmp_path):
    study.train(make_job(), tmp_path)
    with pytest.raises(ActscopeError, match=r"another recipe, seed.*--overwrite"):
        study.train(make_job(seed=1, epochs=2), tmp_path)


@pytest.mark.heavy
def test_a_run_that_diverges_is_kept_with_its_step(make_job, tmp_path):
    run = study.train(make_job(learning_rate=1e30, hidden=(16, 16)), tmp_path)
    assert run.history.diverged_at
    assert run.history.diverged_at <= 10
    assert np.isfinite(run.test.loss)
