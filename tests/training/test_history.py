import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actscope._errors import ActscopeError
from actscope.training import Epoch, History, Recipe


def tutorial(scores, max_epochs, patience):
    """`train_model` of the tutorial, its rule alone: epochs run, and the best one from 0."""
    val_scores, best_val_epoch = [], -1
    for epoch in range(max_epochs):
        val_scores.append(scores[epoch])
        if len(val_scores) == 1 or val_scores[epoch] > val_scores[best_val_epoch]:
            best_val_epoch = epoch
        elif best_val_epoch <= epoch - patience:
            break
    return len(val_scores), best_val_epoch


def run(scores, recipe):
    history = History()
    while not history.is_over(recipe):
        done = len(history.epochs)
        epoch = Epoch(done + 1, 1.0, 0.5, 1.0, scores[done], 1.0)
        history = History((*history.epochs, epoch))
    return history


# Few different values, so that ties are common.
@given(
    st.lists(st.sampled_from([0.1, 0.5, 0.6, 0.7]), min_size=30, max_size=30),
    st.integers(1, 30),
    st.integers(1, 8),
)
def test_stops_where_the_tutorial_does_and_keeps_what_it_keeps(scores, epochs, patience):
    history = run(scores, Recipe(epochs=epochs, patience=patience))
    assert (len(history.epochs), history.best.number - 1) == tutorial(scores, epochs, patience)


def test_seven_epochs_without_a_better_one():
    history = run([0.5, 0.6] + 48 * [0.6], Recipe())
    assert (len(history.epochs), history.best.number) == (9, 2)


def test_a_diverged_run_is_over():
    assert History((), diverged_at=1).is_over(Recipe())
    assert History((), diverged_at=1).best is None


def test_the_curve_of_a_run():
    epochs = (Epoch(1, 1.0, 0.5, 1.0, 0.4, 1.0), Epoch(2, 1.0, 0.7, 1.0, 0.6, 1.0))
    assert History(epochs).curve == ([0.4, 0.6], [0.5, 0.7], 2)
    assert History().curve == ([], [], None)


@pytest.mark.parametrize("values", [None, {}, {"epochs": [{}], "diverged_at": None}, {"epochs": 1}])
def test_json_of_no_history_is_refused(values):
    with pytest.raises(ActscopeError, match="its history"):
        History.of_json(values)


def test_a_history_comes_back_from_json():
    history = History((Epoch(1, 0.5, 0.25, float("inf"), 1.0, 2.0),), 7)
    assert History.of_json(json.loads(json.dumps(asdict(history)))) == history
