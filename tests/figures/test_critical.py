from itertools import pairwise

import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.figures import colour, critical_difference
from actscope.figures._critical import _stacked

RANKS = {"sigmoid": 5.6, "tanh": 4.1, "relu": 2.3, "leaky_relu": 2.5, "swish": 3.1, "elu": 3.4}
CLIQUES = [["relu", "leaky_relu", "swish", "elu", "tanh"], ["tanh", "sigmoid"]]
LONG = "my_company.research.activations.module_of_2026:squared_relu_x"


def draw(ranks=RANKS, cd=1.9, cliques=CLIQUES, n=7, **more):
    return critical_difference(ranks, cd, cliques, n=n, **more)


def bars(axis):
    """The bars that join: the thick lines."""
    return [line for line in axis.lines if line.get_linewidth() > 3]


def names(axis) -> dict[str, object]:
    return {text.get_text().split("  ")[0]: text for text in axis.texts if "  " in text.get_text()}


def test_each_rank_has_its_dot_on_the_scale_and_a_line_to_its_name(png):
    figure = draw(caption="in words")
    assert png(figure)
    (axis,) = figure.axes
    dots = [line for line in axis.lines if line.get_marker() == "o"]
    assert {dot.get_color(): dot.get_xdata()[0] for dot in dots} == {
        colour(label): rank for label, rank in RANKS.items()
    }
    assert len({dot.get_ydata()[0] for dot in dots}) == 1
    for label, text in names(axis).items():
        assert text.get_text() == f"{label}  {RANKS[label]:.2f}"
        (line,) = [
            x for x in axis.lines if x.get_color() == colour(label) and len(x.get_xdata()) == 3
        ]
        assert list(line.get_xdata()[:2]) == [RANKS[label]] * 2
        assert line.get_xdata()[2] == axis.get_xlim()[text.xy[0]]
        assert list(line.get_ydata()[1:]) == [text.xy[1]] * 2
    assert figure.get_suptitle() == "Average ranks over n = 7 data sets"
    assert figure.get_supxlabel() == "in words"


def test_the_better_half_stands_at_the_left_and_the_outermost_line_on_top():
    (axis,) = draw().axes
    sides = {label: text.xy for label, text in names(axis).items()}
    left = sorted((label for label in sides if sides[label][0] == 0), key=lambda x: sides[x][1])
    right = sorted((label for label in sides if sides[label][0] == 1), key=lambda x: sides[x][1])
    assert left == ["relu", "leaky_relu", "swish"]  # best first: its line is the outermost
    assert right == ["sigmoid", "tanh", "elu"]  # worst first
    assert axis.get_ylim()[0] > axis.get_ylim()[1]
    assert "1, at the left, is the best" in axis.get_xlabel()


def test_a_bar_joins_the_ranks_of_a_clique_and_only_those():
    (axis,) = draw().axes
    for bar, clique in zip(bars(axis), CLIQUES, strict=True):
        low, high = bar.get_xdata()
        inside = {label for label, rank in RANKS.items() if low < rank < high}
        assert inside == set(clique)
    first, second = (bar.get_ydata()[0] for bar in bars(axis))
    assert first != second  # both hold tanh
    assert axis.get_xlabel().endswith("a bar joins what cannot be told apart")


def test_cliques_of_one_have_no_bar():
    (axis,) = draw(cliques=[["relu"], ["tanh"]]).axes
    assert not bars(axis)
    assert "bar" not in axis.get_xlabel()


def test_bars_are_stacked_without_overlap():
    random = np.random.default_rng(0)
    lows = random.uniform(0, 40, 50)
    spans = [(low, low + 5.0) for low in lows]
    found = _stacked(spans)
    assert sorted((low, high) for _, low, high in found) == sorted(spans)
    for level, low, high in found:
        others = [(a, b) for at, a, b in found if at == level and (a, b) != (low, high)]
        assert not [(a, b) for a, b in others if a <= high and low <= b]
    # As few levels as there are bars over one point.
    assert 1 + max(level for level, _, _ in found) == max(
        sum(low <= at <= high for low, high in spans) for at in lows
    )


@pytest.mark.parametrize("cd", [0.5, 1.9, 5.5])
def test_the_critical_difference_is_drawn_to_scale_even_where_it_exceeds_the_ranks(png, cd):
    figure = draw(cd=cd)
    (axis,) = figure.axes
    (bar,) = [line for line in axis.lines if line.get_marker() == "|"]
    assert bar.get_xdata() == pytest.approx([1, 1 + cd])
    assert axis.get_xlim()[1] > max(6, 1 + cd)
    assert axis.texts[0].get_text() == f"critical difference {cd:.2f}"
    assert png(figure)


def test_without_a_critical_difference_none_is_drawn(png):
    figure = draw(cd=None, cliques=[list(RANKS)])
    (axis,) = figure.axes
    assert not [line for line in axis.lines if line.get_marker() == "|"]
    assert len(axis.texts) == len(names(axis)) == len(RANKS)
    assert png(figure)


@pytest.mark.parametrize("count", [1, 2, 3, 40])
def test_ticks_are_whole_ranks_from_1(count):
    ranks = {f"function_{i}": 1.0 + i for i in range(count)}
    (axis,) = draw(ranks, 0.5, []).axes
    ticks = axis.get_xticks().tolist()
    assert ticks[0] == 1
    assert ticks == sorted({int(tick) for tick in ticks})
    assert ticks[-1] == max(count, 2)
    assert count < 4 or 5 < len(ticks) < 13


def test_equal_ranks_share_one_place_and_keep_their_names(png):
    figure = draw(dict.fromkeys(RANKS, 3.5), 5.5, [list(RANKS)], 2)
    assert png(figure)
    (axis,) = figure.axes
    assert set(names(axis)) == set(RANKS)
    (bar,) = bars(axis)
    assert bar.get_xdata()[0] < 3.5 < bar.get_xdata()[1]


def test_forty_long_names_overlap_nowhere_and_are_not_cut_off(png):
    ranks = {f"$x$ {LONG} {i}": 1 + 0.97 * i for i in range(40)}
    labels = list(ranks)
    figure = draw(ranks, 10.0, [labels[i : i + 10] for i in range(31)])
    png(figure)
    (axis,) = figure.axes
    for side in (0, 1):
        found = [text.get_window_extent() for text in axis.texts[1:] if text.xy[0] == side]
        for upper, lower in pairwise(sorted(found, key=lambda box: -box.y0)):
            assert lower.y1 <= upper.y0
        assert min(box.x0 for box in found) >= 0
        assert max(box.x1 for box in found) <= figure.bbox.width
    lowest = max(bar.get_ydata()[0] for bar in bars(axis))
    assert lowest < min(text.xy[1] for text in axis.texts[1:])


@pytest.mark.parametrize(
    ("ranks", "cd", "cliques", "message"),
    [
        ({}, 1.0, [], "no rank to draw"),
        ({"relu": 0.9}, 1.0, [], "relu with average rank 0.9; expected between 1 and 1"),
        ({"a": 1.0, "relu": float("nan")}, 1.0, [], "relu with average rank nan"),
        ({"a": 1.0, "b": 2.1}, 1.0, [], "b with average rank 2.1; expected between 1 and 2"),
        (RANKS, 0.0, [], "critical difference 0.0; expected a positive number, or None"),
        (RANKS, float("inf"), [], "critical difference inf"),
        (RANKS, 1.0, [["relu", "tahn"]], "unknown label 'tahn'.*did you mean 'tanh'"),
    ],
)
def test_ranks_that_cannot_be_are_refused(ranks, cd, cliques, message):
    with pytest.raises(ActscopeError, match=message):
        draw(ranks, cd, cliques)


@pytest.mark.parametrize("ranks", [{"a": 1.0}, {"a": 1.5, "b": 1.5}, {"a": 1.0, "b": 1 + 1e-12}])
@pytest.mark.parametrize("cd", [None, 1e-12, 5.0])
def test_one_rank_and_equal_ones_are_on_the_scale(legible, ranks, cd):
    figure = critical_difference(ranks, cd, [ranks], n=1)
    legible(figure)
    low, high = figure.axes[0].get_xlim()
    assert low < 1 <= max(*ranks.values(), 1 + (cd or 0)) < high


@pytest.mark.heavy
def test_odd_names_and_many_ranks(legible, odd_name):
    ranks = {odd_name: 1.0, **{f"f{i}": 2.0 + i for i in range(79)}}
    cliques = [{f"f{i}", f"f{i + 1}"} for i in range(78)]
    legible(critical_difference(ranks, 2.0, cliques, n=9))
