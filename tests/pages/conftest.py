"""Pages of hostile words."""

import pytest

from actscope.pages import (
    Across,
    Chart,
    Control,
    Page,
    Part,
    Prose,
    Table,
    Upward,
    bands,
    intervals,
)

HOSTILE = "</script><img src=x onerror=\"window.broken='1'\"> & 'quoted' \u202egnp"
COLOURS = {"relu": "#55A868", HOSTILE: "#4C72B0"}
CONTROLS = (Control("epoch", (1, 3)), Control("choice", ("relu", HOSTILE)))


def chart(name: str = "learning", controls: tuple[Control, ...] = ()) -> Chart:
    rows = [
        {"choice": choice, "epoch": epoch, "mean": 1.0 * epoch, "low": epoch - 0.5, "high": None}
        for choice in COLOURS
        for epoch in (1, 2, 3)
    ]
    spec = bands(COLOURS, Across("epoch", "epoch", (1, 2)), Upward(HOSTILE))
    return Chart(name, HOSTILE, HOSTILE, spec, rows, controls)


def scores() -> Chart:
    rows = [{"choice": choice, "mean": 0.5, "low": 0.4, "high": 0.6, "n": 3} for choice in COLOURS]
    return Chart("scores", "Scores", "Scores", intervals(COLOURS, title="accuracy"), rows)


@pytest.fixture
def page() -> Page:
    table = Table(HOSTILE, ("activation", "mean"), (("relu", "1"), (HOSTILE, "2")), 1, (*COLOURS,))
    blocks = (Prose((HOSTILE,)), table, chart(), scores(), chart("steps", CONTROLS))
    return Page(HOSTILE, HOSTILE, (Part(HOSTILE, HOSTILE, blocks),), COLOURS, "activation")
