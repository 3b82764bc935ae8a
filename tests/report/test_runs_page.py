"""The page of trained networks says what they came to."""

import numpy as np
import pytest

from actscope import activations, data, networks, pages, study
from actscope.pages import Beside, Chart, Table
from actscope.report import beside, runs_page
from actscope.training import Job, Recipe

pytestmark = pytest.mark.heavy

DIGITS = data.load("digits")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    place = tmp_path_factory.mktemp("runs")

    def run(name, seed):
        network = networks.FeedForward(activations.get(name), (8, 8), 10)
        recipe = Recipe(epochs=3, batch_size=128, learning_rate=0.1)
        return study.train(Job(network, DIGITS, recipe, seed), place / f"{name}-{seed}")

    return {name: [run(name, seed) for seed in (0, 1)] for name in ("relu", "tanh")}


@pytest.fixture(scope="module")
def profiles(runs):
    return {
        name: study.examine(found[0].saved, DIGITS, DIGITS.train.first(256))
        for name, found in runs.items()
    }


def blocks(page, title, kind):
    (part,) = (part for part in page.parts if part.title == title)
    return [block for block in part.blocks if isinstance(block, kind)]


def test_the_table_and_the_chart_have_the_scores(runs, profiles):
    page = runs_page("mine", runs, profiles)
    (table,) = blocks(page, "The answer", Table)
    for row, (name, found) in zip(table.rows, runs.items(), strict=True):
        scores = [run.test.score for run in found]
        assert row[:2] == (name, f"{100 * np.mean(scores):.2f}")
        assert row[3] == "2"
        dead = np.mean([run.dead for run in found], axis=0)
        assert row[5] == " ".join(f"{each:.3g}" for each in dead)
    (chart,) = blocks(page, "The answer", Chart)
    values = [row["value"] for row in chart.rows if "value" in row]
    assert values == [100 * run.test.score for found in runs.values() for run in found]


def test_learning_is_that_of_the_history(runs, profiles):
    (chart,) = blocks(runs_page("mine", runs, profiles), "Learning", Chart)
    for row in chart.rows:
        epochs = [run.history.epochs[row["epoch"] - 1] for run in runs[row["choice"]]]
        assert row["mean"] == pytest.approx(100 * np.mean([e.validation_score for e in epochs]))
        assert row["training"] == pytest.approx(100 * np.mean([e.train_score for e in epochs]))


def test_of_one_network_all_that_a_probe_shows_is_there(runs, profiles):
    page = runs_page("mine", {"relu": runs["relu"][:1]}, {"relu": profiles["relu"]})
    titles = [part.title for part in page.parts]
    assert titles == [
        *("The answer", "Learning", "What is wrong", "From the first site to the last"),
        *("Distributions", "The functions", "Method"),
    ]


def test_two_pages_stand_side_by_side(runs, profiles):
    one, other = (
        runs_page("mine", {name: runs[name][:1]}, {name: profiles[name]}) for name in runs
    )
    both = beside(one, other)
    assert [part.title for part in both.parts] == [part.title for part in one.parts]
    (block,) = both.parts[0].blocks
    assert isinstance(block, Beside)
    assert block.heads == ("mine (1)", "mine (2)")
    assert both.choices == {**one.choices, **other.choices}
    html = pages.render(both)
    assert html.count('<div class="beside">') == len(both.parts)
    assert html.count("<figure") == sum(
        pages.render(page).count("<figure") for page in (one, other)
    )


def test_what_one_page_lacks_is_said(runs, profiles):
    one = runs_page("one", runs, profiles)
    name = next(iter(runs))
    other = runs_page("other", {name: runs[name][:1]}, {name: profiles[name]})
    (part,) = (part for part in beside(one, other).parts if part.title == "Distributions")
    left, right = part.blocks[0].columns
    assert left[0].sentences == ("There is no such part here.",)
    assert isinstance(right[-1], Chart)
