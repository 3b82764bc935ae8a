"""Which figures a study has, what they are called, and that they show its numbers."""

import re
from collections.abc import Mapping
from zlib import crc32

import numpy as np
import pytest

from actscope.report import gallery
from actscope.report._gallery import _name

BASE = {"sigmoid": -0.3, "tanh": -0.03, "relu": 0.0, "leaky_relu": -0.002, "elu": 0.004}
HEAD = '[study]\nname = "s"\ndataset = {dataset}\nseeds = {seeds}\nepochs = 4\n[axes]\n'
ONE = HEAD.format(dataset='"digits"', seeds=10) + f"activation = {[*BASE]}\n"
THREE = HEAD.format(dataset='"digits"', seeds=5) + (
    f"activation = {[*BASE][:4]}\ndepth = [2, 4, 8]\nwidth = 8\nlearning_rate = [0.01, 0.1]\n"
)
DATASETS = ["digits", "mnist", "cifar10"]
SEVERAL = HEAD.format(dataset=DATASETS, seeds=3) + f"activation = {[*BASE]}\n"


def score(columns, seed) -> float:
    """Of the activation, the others and chance."""
    words = "".join(str(columns[name]) for name in ("activation", "depth", "learning_rate"))
    noise = np.random.default_rng([seed, crc32(words.encode())]).normal(0, 0.002)
    return float(0.85 + BASE[columns["activation"]] - 0.01 * (columns["depth"] or 0) + noise)


def diverging(columns, seed) -> float | None:
    """Once, as a seed of relu at depth 8 and the high learning rate."""
    bad = (columns["activation"], columns["depth"], columns["learning_rate"], seed)
    return None if bad == ("relu", 8, 0.1, 3) else score(columns, seed)


def words(figure) -> str:
    return figure.get_supxlabel()


def means(axis) -> list[tuple[float, float]]:
    """Where the large dots are."""
    dots = [line for line in axis.lines if line.get_marker() == "o" and len(line.get_xdata()) == 1]
    large = max(dot.get_markersize() for dot in dots)
    return [tuple(dot.get_xydata()[0]) for dot in dots if dot.get_markersize() == large]


@pytest.fixture
def one(answered) -> Mapping:
    found = answered(ONE, score)
    return {"answer": found[0], **dict(gallery(found))}


@pytest.mark.heavy
def test_a_study_of_one_factor_has_four_figures(one, png):
    assert list(one) == ["answer", "comparison", "learning_curves", "forest", "importance"]
    assert all(png(figure) for name, figure in one.items() if name != "answer")


def test_the_comparison_shows_every_seed_and_the_means(one):
    (axis,) = one["comparison"].axes
    expected = {
        name: [score({"activation": name, "depth": 4, "learning_rate": 0.01}, s) for s in range(10)]
        for name in BASE
    }
    assert [label.get_text() for label in axis.get_yticklabels()] == [*BASE]
    found = means(axis)
    np.testing.assert_allclose([x for x, _ in found], [np.mean(v) for v in expected.values()])
    seeds = [line.get_xdata() for line in axis.lines if len(line.get_xdata()) == 10]
    np.testing.assert_allclose(np.sort(seeds), np.sort(list(expected.values())))
    assert words(one["comparison"]).startswith("Best by validation: elu, 8")
    assert words(one["comparison"]).endswith(", n = 10.")


def test_the_curves_end_at_the_validation_scores(one):
    (axis,) = one["learning_curves"].axes
    curves = [line for line in axis.lines if len(line.get_xdata()) == 4]
    assert len(curves) == len(BASE)
    for curve, setting in zip(curves, one["answer"].settings, strict=True):
        assert curve.get_xdata().tolist() == [1, 2, 3, 4]
        expected = 0.1 + (np.mean(setting.scores) - 0.1) * (1 - 0.5 ** np.arange(1, 5))
        np.testing.assert_allclose(curve.get_ydata(), expected)
    assert axis.get_ylabel() == "validation accuracy (%)"
    assert words(one["learning_curves"]).startswith("Highest mean over all epochs: elu, ")


def test_the_forest_shows_the_differences_to_the_reference(one):
    (axis,) = one["forest"].axes
    by_name = {setting.levels["activation"]: setting for setting in one["answer"].settings}
    others = [name for name in BASE if name != "elu"]
    assert one["forest"].get_suptitle() == "Test accuracy: difference to elu"
    assert [label.get_text() for label in axis.get_yticklabels()] == others
    pairs = [np.subtract(by_name[name].scores, by_name["elu"].scores) for name in others]
    np.testing.assert_allclose([x for x, _ in means(axis)], 100 * np.mean(pairs, axis=1))
    (band,) = axis.patches
    assert band.get_width() == pytest.approx(1.0)  # half a point on either side
    found = re.match(
        r"Of 4 differences, (\d) can be told from 0: 0 better and (\d) worse", words(one["forest"])
    )
    assert found[1] == found[2]
    assert "n = 10 seeds, paired; Holm over 4 comparisons" in words(one["forest"])
    assert "best on the validation set" in words(one["forest"])


def test_the_bars_are_the_shares(one):
    (axis,) = one["importance"].axes
    found = one["answer"].matter.importance
    widths = [bar.get_width() for bar in axis.patches]
    assert widths == [found.effects[0].share, found.seed.share, found.residual.share]
    assert words(one["importance"]).endswith("; n = 10, all 50 cells.")


@pytest.mark.heavy
def test_several_factors_have_a_figure_a_stratum_and_an_interaction_each(answered, png):
    found = answered(THREE, diverging)
    figures = dict(gallery(found))
    strata = [f"depth-{d}-learning_rate-{rate}" for d in (2, 4, 8) for rate in (0.01, 0.1)]
    assert list(figures) == [
        "comparison",
        *(f"learning_curves-{stratum}" for stratum in strata),
        "forest",
        "importance",
        "interaction-depth",
        "interaction-learning_rate",
    ]
    assert all(png(figures[name]) for name in ("comparison", "forest", "interaction-depth"))
    lost = "1 of 120 networks diverged and counts at chance level."
    assert lost in words(figures["comparison"])
    assert words(figures["comparison"]).endswith(" Rows: activation, depth, learning_rate.")
    last = figures["learning_curves-depth-8-learning_rate-0.1"]
    assert words(last).startswith("depth 8, learning_rate 0.1: ")
    assert "1 of 20 networks diverged" in words(last)
    heads = [t.get_text() for t in figures["forest"].axes[0].texts if "depth" in t.get_text()]
    assert [head.partition(":")[0] for head in heads] == [
        f"depth {d}, learning_rate {rate}" for d in (2, 4, 8) for rate in (0.01, 0.1)
    ]


def test_an_interaction_shows_means_over_the_other_factors(answered):
    figure = dict(gallery(answered(THREE, diverging)))["interaction-depth"]
    axis = figure.axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == [*BASE][:4]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["2", "4", "8"]
    scores = [
        diverging({"activation": "relu", "depth": 8, "learning_rate": rate}, seed)
        for rate in (0.01, 0.1)
        for seed in range(5)
    ]
    mean = np.mean([0.1 if each is None else each for each in scores])
    cell = [
        t.get_text()
        for t in axis.texts
        if (int(t.get_position()[0]), int(t.get_position()[1])) == (2, 2)
    ]
    assert cell[0] == f"{100 * mean:.2f}"
    assert cell[1].endswith("1 of 10 failed")
    assert words(figure).endswith("; n = 5. Each mean is over 2 levels of learning_rate.")


def test_a_ranking_that_changes_is_the_caption(answered):
    def crossing(columns, seed):
        first = (columns["activation"] == "relu") == (columns["depth"] == 2)
        noise = score({**columns, "activation": "elu"}, seed + first * 100)
        return noise / 100 + 0.01 * first

    text = HEAD.format(dataset='"digits"', seeds=5)
    text += 'activation = ["relu", "tanh"]\ndepth = [2, 8]\nwidth = 8\n'
    figure = dict(gallery(answered(text, crossing)))["interaction-depth"]
    assert words(figure).startswith("The ranking of activation changes with depth: ")


def test_scores_on_several_data_sets_do_not_share_a_scale(answered, png):
    found = answered(SEVERAL, score)
    figures = dict(gallery(found))
    names = [name for name in figures if name.startswith("comparison")]
    assert names == [f"comparison-{dataset}" for dataset in DATASETS]
    figure = figures["comparison-mnist"]
    assert figure.get_suptitle() == "Test accuracy on mnist"
    there = {s.levels["activation"]: s for s in found[0].settings if s.levels["dataset"] == "mnist"}
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == [f"{name}, mnist" for name in BASE]
    expected = [there[name].summary.mean for name in BASE]
    np.testing.assert_allclose([x for x, _ in means(figure.axes[0])], expected)
    assert words(figure).startswith("Best by validation on mnist: ")
    assert png(figure)


def test_data_sets_alone_are_drawn_together(answered):
    figures = dict(gallery(answered(SEVERAL, score, by=["dataset"])))
    assert [name for name in figures if name.startswith("comparison")] == ["comparison"]
    (axis,) = figures["comparison"].axes
    assert [label.get_text() for label in axis.get_yticklabels()] == DATASETS
    assert words(figures["comparison"]).startswith("n = 3 seeds.")


def test_several_data_sets_have_their_ranks(answered):
    found = answered(SEVERAL, score)
    figure = dict(gallery(found))["critical_difference"]
    assert figure.get_suptitle() == "Average ranks over n = 3 data sets"
    dots = [line.get_xdata()[0] for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert sorted(dots) == sorted(found[0].ranks.ranks.values())
    assert words(figure).startswith("Best average rank over 3 data sets: ")


def test_ranks_that_cannot_be_told_apart_say_so(answered):
    def equal(columns, seed):
        return 0.5 + np.random.default_rng([seed, *map(ord, str(columns))]).normal(0, 0.01)

    caption = words(dict(gallery(answered(SEVERAL, equal)))["critical_difference"])
    assert caption.startswith("Best average rank over 3 data sets: ")
    assert "told apart from none" in caption


def test_tasks_have_their_own_figures_each_on_its_scale(answered):
    text = ONE.replace("seeds = 10", "seeds = 2") + 'task = ["classification", "autoencoding"]\n'
    figures = dict(gallery(answered(text, score)))
    assert {name.partition("-")[0] for name in figures} == {"classification", "autoencoding"}
    axes = {
        name: figures[f"{name}-comparison"].axes[0] for name in ("classification", "autoencoding")
    }
    assert axes["classification"].get_xlabel().startswith("test accuracy (%)")
    assert axes["autoencoding"].get_xlabel().startswith("test R²: ")
    assert "%" not in words(figures["autoencoding-comparison"])


def test_one_seed_is_drawn_without_intervals(answered, png):
    found = answered(ONE.replace("seeds = 10", "seeds = 1"), score)
    figures = dict(gallery(found))
    assert list(figures) == ["comparison", "learning_curves", "forest"]
    assert all(png(figure) for figure in figures.values())
    assert words(figures["comparison"]).endswith(", n = 1.")
    assert "n = 1 seed, from which no interval follows" in words(figures["forest"])


def test_one_network_alone_is_drawn(answered, png):
    figures = dict(gallery(answered(HEAD.format(dataset='"digits"', seeds=3), score_of_relu)))
    assert list(figures) == ["comparison", "learning_curves"]
    assert all(png(figure) for figure in figures.values())
    assert words(figures["comparison"]).startswith("n = 3 seeds.")


def score_of_relu(columns, seed) -> float:
    return score({**columns, "activation": "relu"}, seed)


def test_averaged_settings_have_no_curves(answered):
    figures = dict(gallery(answered(THREE, score, by=["activation"])))
    assert "comparison" in figures
    assert not [name for name in figures if name.startswith("learning")]


@pytest.mark.heavy
def test_members_still_to_come_are_not_needed(answered, png):
    def half(columns, seed):
        return score(columns, seed) if columns["depth"] < 8 and seed < 3 else float("nan")

    figures = dict(gallery(answered(THREE, half)))
    assert "learning_curves-depth-4-learning_rate-0.1" in figures
    assert "learning_curves-depth-8-learning_rate-0.1" not in figures
    assert png(figures["interaction-depth"])
    assert "; n = 3." in words(figures["interaction-depth"])


@pytest.mark.heavy
def test_a_large_study_is_drawn_in_parts_that_can_be_read(answered):
    rates = [round(0.001 * (i + 1), 3) for i in range(30)]
    text = HEAD.format(dataset='"digits"', seeds=2)
    text += f'activation = ["relu", "tanh", "elu"]\nlearning_rate = {rates}\n'
    figures = dict(gallery(answered(text, score)))
    assert "comparison" not in figures  # 90 rows
    names = [name for name in figures if name.startswith("learning_curves")]
    # Of 30 strata every tenth or so: the first, the last, and two between.
    assert [name.rpartition("rate-")[2] for name in names] == ["0.001", "0.01", "0.02", "0.03"]
    told = " 4 of 30 such figures are drawn, evenly spaced in their order."
    assert all(words(figures[name]).endswith(told) for name in names)
    forests = [figures[f"forest-{number}"] for number in (1, 2)]
    assert [len(figure.axes[0].get_yticks()) for figure in forests] == [40, 20]
    assert words(forests[1]).endswith(" Part 2 of 2.")


def test_names_can_be_those_of_files_and_are_unique():
    taken: set[str] = set()
    labels = ["a · b", "A b", "a-b", "../x:y", "z" * 300, "z" * 301]
    found = [_name(label, taken) for label in labels]
    assert found[:4] == ["a-b", "A-b-2", "a-b-3", "x-y"]
    assert len({name.lower() for name in found}) == len(labels)
    assert all(re.fullmatch(r"[\w.][\w.-]{0,120}", name, re.ASCII) for name in found)
