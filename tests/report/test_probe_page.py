"""The page of a probe says what the probe found."""

import math

import numpy as np
import pytest

from actscope import pages
from actscope.diagnosis import Remedies, Tried
from actscope.pages import Chart, Prose, Table
from actscope.report import probe_page
from actscope.stats import paired
from profiles import finding, profile, site

HOSTILE = "</script><img src=x onerror=alert(1)>"


def blocks(page, title, kind):
    (part,) = (part for part in page.parts if part.title == title)
    return [block for block in part.blocks if isinstance(block, kind)]


def test_what_is_wrong_comes_first():
    found = profile(findings=(finding(), finding(site="layers.1"), finding("diverged", "error")))
    page = probe_page("mine", found)
    assert page.parts[0].finding == "2 rules spoke: dead_units, diverged."
    said = [each for prose in blocks(page, "What is wrong", Prose) for each in prose.sentences]
    assert said[0] == "warning: dead_units. It passes no gradient. → another start"
    assert said[1] == "layers.0 (net.py:7): dead 0.5, threshold 0.25"
    assert said[-1] == "loss 1.5, accuracy 50.00%, 6 of 8 units dead."


def test_nothing_wrong_is_said_too():
    assert probe_page("mine", profile()).parts[0].finding == "Nothing wrong."


def test_what_was_tried():
    lower = paired([0.5, 0.6, 0.7])
    tried = Tried("gelu instead", 200, "seeds", 3, False, lower, (0, 0), (2.0, 1.4), (0.5, 0.0))
    remedies = Remedies((tried,), None, (("biases", "there are none"),))
    page = probe_page("mine", profile(findings=(finding(),)), remedies)
    table, refused = blocks(page, "What is wrong", Table)
    low, high = lower.difference.low, lower.difference.high
    assert table.rows[0][:3] == ("gelu instead", "0.6", f"{low:.3g} … {high:.3g}")
    assert refused.rows == (("biases", "there are none"),)


def test_the_charts_have_the_numbers_of_the_sites():
    found = profile()
    page = probe_page("mine", found)
    sizes, gradients, dead, alike = blocks(page, "From the first site to the last", Chart)
    assert [row["mean"] for row in sizes.rows] == [each.pre.rms for each in found.sites]
    assert [row["mean"] for row in gradients.rows] == [each.gradient.rms for each in found.sites]
    assert [row["mean"] for row in dead.rows] == [50.0, 100.0]
    assert [row["mean"] for row in alike.rows] == [0.5, 0.5]
    (histograms,) = blocks(page, "Distributions", Chart)
    first = histograms.rows[0]
    assert sum(first["counts"]) == found.sites[0].pre.count
    assert first["low"] == pytest.approx(found.sites[0].pre.min)


def test_a_spike_does_not_flatten_the_rest():
    values = np.concatenate([np.zeros(1000), np.linspace(0.1, 1, 50)])
    found = profile(sites=(site("a", post=pages_signal(values)),))
    (chart,) = blocks(probe_page("mine", found), "Distributions", Chart)
    (row,) = (row for row in chart.rows if row["signal"] == "output")
    assert max(row["counts"]) == 1000
    assert row["top"] < 20


def pages_signal(values):
    from actscope.probing import summarise

    return summarise(values)


@pytest.mark.heavy
def test_what_is_hostile_unknown_or_empty_is_drawn():
    bad = math.nan
    odd = site(HOSTILE, activation=HOSTILE, gradient=None, correlation=bad, effective_rank=bad)
    constant = site("constant", pre=pages_signal(np.zeros(9)), post=pages_signal(np.zeros(9)))
    found = profile(sites=(odd, constant), parameters=(), loss=None, excluded=((HOSTILE, "why"),))
    html = pages.render(probe_page(HOSTILE, found))
    assert "<img src=x" not in html
    assert pages.render(probe_page("nothing", profile(sites=(), parameters=()))).count("<section")


def test_what_is_left_out_is_said():
    found = profile(sites=tuple(site(f"cell[{i}]") for i in range(450)))
    page = probe_page("mine", found)
    (table,) = blocks(page, "From the first site to the last", Table)
    assert len(table.rows) == 400
    assert table.caption.startswith("The first 400 of 450 sites")
    (chart,) = blocks(page, "Distributions", Chart)
    assert chart.caption.endswith("(40 of 450 sites)")
