"""Pages of hostile words, and a browser to open them in."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's Chromium."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("there is no Chromium here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """`visit(html)` opens a page; it may neither ask for anything more, nor complain."""
    asked: list[str] = []
    complaints: list[str] = []
    contexts: list[Any] = []

    def open_(html: str, **options: Any) -> Any:
        path = tmp_path / "page.html"
        path.write_text(html, "utf-8")
        context = browser.new_context(**options)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(path.as_uri())
        return tab

    yield open_
    for context in contexts:
        context.close()
    inside = ("data:", "blob:")
    assert [url for url in asked if not url.startswith(inside)] == [
        (tmp_path / "page.html").as_uri()
    ] * len(contexts)
    assert complaints == []
