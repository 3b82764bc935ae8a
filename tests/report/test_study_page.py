"""The page of a study says what its answers say."""

import numpy as np
import pytest

from actscope import pages
from actscope.pages import Chart, Prose, Table, brief
from actscope.report import study_page
from actscope.report._matters_part import matters

BASE = {"relu": 0.9, "tanh": 0.8, "swish": 0.85}
SPEC = """
[study]
name = "depth"
dataset = "digits"
seeds = 5
epochs = 6
[axes]
activation = ["relu", "tanh", "swish"]
depth = [2, 4]
width = 8
"""


def score(columns, seed):
    noise = np.random.default_rng([seed, columns["depth"]]).normal(0, 0.004)
    if columns["activation"] == "tanh" and seed == 1 and columns["depth"] == 4:
        return None  # it diverged
    return BASE[columns["activation"]] - 0.01 * columns["depth"] + noise


@pytest.fixture
def made(answered, tmp_path):
    found = answered(SPEC, score)
    return found, study_page(tmp_path / "study", found)


def blocks(page, title, kind):
    (part,) = (part for part in page.parts if part.title == title)
    return [block for block in part.blocks if isinstance(block, kind)]


@pytest.mark.heavy
def test_the_answer_comes_first(made):
    (answer,), page = made
    assert [part.title for part in page.parts] == [
        *("The answer", "Differences", "What matters", "Learning", "Before training"),
        *("The functions", "Method"),
    ]
    assert page.parts[0].finding == f"{answer.findings[0]}."
    told = [each for prose in blocks(page, "The answer", Prose) for each in prose.sentences]
    assert {f"{each}." for each in answer.findings[1:]} <= {*told}
    assert page.choices.keys() == BASE.keys()


@pytest.mark.heavy
def test_the_table_is_that_of_the_settings(made):
    (answer,), page = made
    (table,) = blocks(page, "The answer", Table)
    best = max(answer.settings, key=lambda each: each.summary.mean)
    interval = best.summary.interval
    assert table.rows[0][:2] == tuple(best.levels.values())
    assert table.rows[0][2] == f"{100 * interval.mean:.2f}"
    assert table.rows[0][3] == f"{100 * interval.low:.2f} … {100 * interval.high:.2f}"
    diverged = [row for row in table.rows if row[-1] != "0"]
    assert [row[:2] + row[-1:] for row in diverged] == [("tanh", "4", "1 of 5")]


@pytest.mark.heavy
def test_every_chart_has_the_numbers(made):
    (answer,), page = made
    (scores,) = blocks(page, "The answer", Chart)
    values = [row["value"] for row in scores.rows if "value" in row]
    expected = [100 * value for setting in answer.settings for value in setting.scores]
    assert sorted(values) == pytest.approx(sorted(expected))
    (forest,) = blocks(page, "Differences", Chart)
    found = {(row["choice"], row["stratum"][:7]): row["difference"] for row in forest.rows}
    for stratum, treatment, each in answer.comparisons.rows:
        mean = 100 * each.paired.difference.mean
        assert found[treatment, f"depth {stratum}"] == pytest.approx(mean)
    (curves,) = blocks(page, "Learning", Chart)
    last = {row["choice"]: row["mean"] for row in curves.rows if row["stratum"] == "depth 2"}
    shallow = [setting for setting in answer.settings if setting.axes["depth"] == 2]
    assert last == pytest.approx(
        {each.levels["activation"]: 100 * each.curve[-1].mean for each in shallow}
    )


@pytest.mark.heavy
def test_shares_of_the_variance_are_those_of_the_answer(made):
    (answer,), page = made
    importance, *_ = blocks(page, "What matters", Chart)
    found = answer.matter.importance
    expected = {" × ".join(each.factors): 100 * each.share for each in found.effects}
    expected |= {"seed": 100 * found.seed.share, "rest": 100 * found.residual.share}
    assert {row["name"]: row["mean"] for row in importance.rows} == pytest.approx(expected)


def test_ranks_differ_where_their_bars_do_not_overlap(answered):
    names = ("digits", "fashion_mnist", "mnist", "kmnist", "cifar10")
    text = SPEC.replace('"digits"', str([*names])).replace("[2, 4]", "2")
    (answer,) = answered(text, lambda columns, _: BASE[columns["activation"]])
    (part,) = matters(answer, brief(BASE))
    (ranks,) = (block for block in part.blocks if getattr(block, "name", "") == "ranks")
    assert [(row["choice"], row["mean"]) for row in ranks.rows] == [
        *(("relu", 1), ("swish", 2), ("tanh", 3)),
    ]
    best, _, worst = ranks.rows
    # Nemenyi's of three on five: 2.343 √(3 · 4 / (6 · 5)), Demšar 2006, table 5.
    assert best["high"] - best["low"] == pytest.approx(2.343 * (12 / 30) ** 0.5, rel=1e-3)
    assert best["high"] < worst["low"]


@pytest.mark.heavy
def test_it_is_a_page_of_no_more_than_its_parts(made):
    _, page = made
    html = pages.render(page)
    assert len(html) < 2_500_000
    assert html.count("<section") == 7


@pytest.mark.heavy
def test_levels_that_read_alike_have_a_cell_each(answered, tmp_path):
    text = SPEC.replace("width = 8", "width = [2, 4]")
    page = study_page(tmp_path / "study", answered(text, score))
    (table,) = blocks(page, "The answer", Table)
    assert {len(row) for row in table.rows} == {len(table.heads)}
    assert ("relu", "2", "2") in {row[:3] for row in table.rows}


@pytest.mark.heavy
def test_a_page_of_many_settings_draws_some_and_says_which(answered, tmp_path):
    rates = [round(0.001 * (i + 1), 3) for i in range(40)]
    text = SPEC.replace("width = 8", f"width = 8\nlearning_rate = {rates}")
    (answer,) = found = answered(text, score)
    page = study_page(tmp_path / "study", found)
    (curves,) = blocks(page, "Learning", Chart)
    # 240 settings in 80 strata; 60 curves have room for 20 strata of three.
    assert len({(row["choice"], row["stratum"]) for row in curves.rows}) == 60
    told = "drawn are 60 of 240 settings: 20 of 80 combinations of the other factors, evenly spaced"
    assert told in curves.caption
    drawn = {row["stratum"] for row in curves.rows}
    assert {"depth 2, learning_rate 0.001", "depth 4, learning_rate 0.04"} <= drawn
    (again,) = blocks(study_page(tmp_path / "study", found), "Learning", Chart)
    assert again.rows == curves.rows
    # What is said is said of all: the best is the best of all 240.
    (part,) = (part for part in page.parts if part.title == "Learning")
    assert max(answer.settings, key=lambda each: each.area).label in part.finding


@pytest.mark.heavy
def test_of_many_seeds_some_ticks_are_drawn_and_the_mean_is_of_all(answered, tmp_path, monkeypatch):
    monkeypatch.setattr("actscope.report._scores_part._TICKS", 12)
    (answer,) = found = answered(SPEC, score)
    (chart,) = blocks(study_page(tmp_path / "study", found), "The answer", Chart)
    assert {row["seed"] for row in chart.rows if "seed" in row} == {0, 1}
    assert "the lowest 2 seeds (ticks)" in chart.caption
    means = sorted(row["mean"] for row in chart.rows if "mean" in row)
    assert means == pytest.approx(sorted(100 * np.mean(each.scores) for each in answer.settings))


@pytest.mark.heavy
def test_of_many_comparisons_some_are_drawn_and_it_says_so(answered, tmp_path, monkeypatch):
    monkeypatch.setattr("actscope.report._scores_part._COMPARED", 3)
    monkeypatch.setattr("actscope.report._scores_part._FEW", 2)
    found = answered(SPEC, score)
    (forest,) = blocks(study_page(tmp_path / "study", found), "Differences", Chart)
    assert {row["stratum"][:7] for row in forest.rows} == {"depth 2"}
    assert "drawn are 2 of 4" in forest.caption
