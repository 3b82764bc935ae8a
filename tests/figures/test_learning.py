import math

import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.figures import R_SQUARED, LearningCurve, colour, learning_curves
from actscope.stats import Interval, mean_interval
from actscope.training import Epoch, History

RNG = np.random.default_rng(0)
ACCURACIES = RNG.uniform(0.5, 0.9, (3, 6))  # seed, epoch


def seeds(accuracies=ACCURACIES, **more) -> LearningCurve:
    intervals = tuple(mean_interval(at) for at in accuracies.T)
    return LearningCurve(tuple(range(1, len(intervals) + 1)), intervals, **more)


def history(*validation: float) -> History:
    epochs = [Epoch(i, 1.0, v + 0.02, 1.0, v, 3.0) for i, v in enumerate(validation, 1)]
    return History(tuple(epochs))


def legend(figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_a_single_run_is_drawn_with_its_training_and_its_best_epoch(png):
    figure = learning_curves({"relu": LearningCurve.of(*history(0.5, 0.8, 0.7, 0.8).curve)})
    (axis,) = figure.axes
    training, validation, best = axis.lines
    assert validation.get_xydata().tolist() == [[1, 0.5], [2, 0.8], [3, 0.7], [4, 0.8]]
    np.testing.assert_allclose(training.get_ydata(), [0.52, 0.82, 0.72, 0.82])
    assert best.get_xydata().tolist() == [[2, 0.8]]  # the first of two equals
    assert {line.get_color() for line in axis.lines} == {colour("relu")}
    assert not axis.collections
    assert legend(figure) == ["relu (n = 1)", "validation", "training", "best epoch"]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("epoch", "accuracy (%)")
    assert png(figure)


def test_seeds_are_drawn_as_mean_and_band(png):
    figure = learning_curves({"tanh": seeds()}, caption="in words")
    (axis,) = figure.axes
    (line,) = axis.lines
    np.testing.assert_allclose(line.get_ydata(), ACCURACIES.mean(axis=0))
    corners = axis.collections[0].get_paths()[0].vertices
    expected = [mean_interval(at) for at in ACCURACIES.T]
    for epoch, interval in enumerate(expected, 1):
        at = corners[corners[:, 0] == epoch, 1]
        assert at.min() == pytest.approx(interval.low)
        assert at.max() == pytest.approx(interval.high)
    assert legend(figure) == ["tanh (n = 3)", "validation", "95 % interval"]
    assert figure.get_supxlabel() == "in words"
    assert png(figure)


def test_accuracies_are_labelled_in_percent(png):
    figure = learning_curves({"relu": LearningCurve.of(*history(0.5, 0.9).curve)})
    png(figure)
    (axis,) = figure.axes
    for place, label in zip(axis.get_yticks(), axis.get_yticklabels(), strict=True):
        assert float(label.get_text()) == pytest.approx(100 * place)
    assert all(label.get_text().isdigit() for label in axis.get_xticklabels() if label.get_text())


def test_early_stopping_leaves_fewer_seeds_and_the_legend_says_so(png):
    few = (
        *seeds().validation[:3],
        Interval(0.8, 0.7, 0.9, 2, 0.95),
        Interval(0.8, None, None, 1, 0.95),
    )
    figure = learning_curves({"elu": LearningCurve((1, 2, 3, 4, 5), few)})
    assert legend(figure)[0] == "elu (n = 3 to 1)"
    corners = figure.axes[0].collections[0].get_paths()[0].vertices
    assert corners[:, 0].max() == 4
    assert png(figure)


def test_each_level_is_named():
    wide = tuple(mean_interval(at, 0.99) for at in ACCURACIES.T)
    runs = {"a": seeds(), "b": LearningCurve((1, 2, 3, 4, 5, 6), wide)}
    assert legend(learning_curves(runs))[-2:] == ["95 % interval", "99 % interval"]


def test_runs_keep_their_order_colour_and_numbers(png):
    runs = {name: seeds(RNG.uniform(0, 1, (4, 5))) for name in ["swish", "relu", "mine", "_x$a$"]}
    figure = learning_curves(runs)
    assert legend(figure)[:4] == [
        "swish (n = 4)",
        "relu (n = 4)",
        "mine (n = 4)",
        r"_x\$a\$ (n = 4)",
    ]
    for line, (label, run) in zip(figure.axes[0].lines, runs.items(), strict=True):
        assert line.get_color() == colour(label)
        assert line.get_ydata().tolist() == [interval.mean for interval in run.validation]
    assert png(figure)


def test_a_colour_that_comes_again_is_dashed():
    labels = [f"function_{i}" for i in range(9)]  # one more than the cycle has colours
    lines = learning_curves({label: seeds() for label in labels}).axes[0].lines
    looks = {(line.get_color(), line.get_linestyle(), str(line._dash_pattern)) for line in lines}
    assert len({line.get_color() for line in lines}) < len(looks) == 9


def test_a_single_epoch_and_a_gap_can_be_drawn(png):
    gap = tuple(Interval(v, None, None, 1, 0.95) for v in (0.5, float("nan"), 0.6))
    figure = learning_curves(
        {"relu": LearningCurve.of(*history(0.4).curve), "tanh": LearningCurve((1, 2, 3), gap)}
    )
    assert figure.axes[0].lines[1].get_marker() == "o"  # a line through one point is not seen
    assert png(figure)


@pytest.mark.parametrize(
    ("epochs", "validation", "training", "best", "message"),
    [
        ((), 0, (), None, "0 epochs, 0 validation and 0 training scores"),
        ((1, 2), 1, (), None, "2 epochs, 1 validation and 0"),
        ((1,), 1, (0.1, 0.2), None, "1 epochs, 1 validation and 2"),
        ((1,), 1, (), 2, "best epoch 2; expected one of the epochs drawn"),
    ],
)
def test_curves_that_do_not_fit_are_refused(epochs, validation, training, best, message):
    intervals = (Interval(0.5, None, None, 1, 0.95),) * validation
    with pytest.raises(ActscopeError, match=message):
        LearningCurve(epochs, intervals, training, best)


def test_no_run_and_a_run_without_an_epoch_are_refused():
    with pytest.raises(ActscopeError, match="no run to draw"):
        learning_curves({})
    with pytest.raises(ActscopeError, match="0 epochs"):
        LearningCurve.of(*History().curve)


def test_a_curve_of_the_best_so_far_is_called_so():
    assert legend(learning_curves({"a": seeds(so_far=True)}))[1] == "validation, best so far"
    both = learning_curves({"a": seeds(so_far=True), "b": seeds()})
    assert legend(both)[2:4] == ["validation", "validation, best so far"]


def test_a_score_without_a_unit_is_drawn_as_it_is(png):
    figure = learning_curves({"relu": seeds()}, score=R_SQUARED)
    png(figure)
    (axis,) = figure.axes
    assert (axis.get_ylabel(), figure.get_suptitle()) == ("R²", "R² by epoch")
    for place, label in zip(axis.get_yticks(), axis.get_yticklabels(), strict=True):
        assert float(label.get_text()) == pytest.approx(place)


def curve(*scores, **more):
    return LearningCurve.of(scores, scores, **{"best": 1} | more)


@pytest.mark.parametrize("size", [1e-12, 1.0, -1e30])
def test_scores_of_any_size_fill_the_axis(legible, size):
    figure = learning_curves({"relu": curve(0.0, size, 2 * size)}, score=R_SQUARED)
    legible(figure)
    low, high = figure.axes[0].get_ylim()
    assert 2 * abs(size) < high - low < 3 * abs(size)


@pytest.mark.parametrize("scores", [(0.88,), (0.88, 0.88), (0.88, 0.88 + 1e-12), (0.0, 0.0)])
def test_one_epoch_and_constant_scores_have_ticks_that_tell(legible, scores):
    figure = learning_curves({"relu": curve(*scores)})
    legible(figure)
    low, high = figure.axes[0].get_ylim()
    assert low < min(scores) <= max(scores) < high
    assert figure.axes[0].lines[1].get_ydata().tolist() == list(scores)


def test_a_diverged_run_spoils_no_other(legible):
    lost = curve(math.nan, math.inf, best=None)
    figure = learning_curves({"relu": curve(0.5, 0.6), "lost": lost, "worse": lost})
    legible(figure)
    assert figure.axes[0].get_ylim() == pytest.approx((0.495, 0.605))


def test_many_runs_have_a_legend_on_the_sheet(legible):
    runs = {f"f{i}": curve(i / 100, 0.5) for i in range(70)}
    figure = learning_curves(runs)
    legible(figure)
    assert len(figure.legends[0].get_texts()) == 70 + 3
    assert figure.axes[0].get_window_extent().width > 3.5 * figure.dpi


def test_odd_names(legible, odd_name):
    legible(learning_curves({odd_name: curve(0.5, 0.6), "relu": curve(0.4)}))
