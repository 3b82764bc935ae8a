"""The whole page, as text and in a real browser."""

import csv
import json
import re

import pytest

from actscope.pages import Page, Part, Prose, render
from pages.conftest import COLOURS, HOSTILE

PICKED = '#choices button[aria-pressed="true"]'


@pytest.fixture
def html(page):
    return render(page)


def test_words_are_words(html):
    assert "<img src=x" not in html
    assert html.count("</script>") == 5  # of three charts, and of what draws them


def test_the_data_of_a_chart_is_json_without_holes(html):
    blocks = re.findall(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)
    found = json.loads(blocks[0])["columns"]
    assert found["choice"] == {"levels": [*COLOURS], "codes": [0, 0, 0, 1, 1, 1]}
    assert found["high"] == [None] * 6


def test_a_page_without_charts_has_no_script():
    html = render(Page("a", "b", (Part("c", "d", (Prose(("e",)),)),)))
    assert "<script" not in html
    assert len(html) < 10_000


def test_a_hostile_page_does_nothing_but_what_it_should(html, visit):
    tab = visit(html)
    tab.wait_for_selector("figure.live")
    assert tab.evaluate("window.broken") is None
    assert tab.title() == HOSTILE
    assert tab.locator("h1").inner_text() == HOSTILE


def test_a_click_shows_one_choice_everywhere(html, visit):
    tab = visit(html)
    tab.wait_for_function("() => document.querySelectorAll('figure.live').length == 3")
    tab.locator("#choices button").nth(1).click()  # not the one that alone some charts show
    assert tab.locator(PICKED).count() == 1
    faded = "[...document.querySelectorAll('.stage')].map(x => x.innerHTML.includes('0.12'))"
    tab.wait_for_function(f"() => {faded}.every(Boolean)")
    assert tab.locator("tr.faded").count() == 1
    tab.keyboard.press("Enter")  # it has the focus: once more, and all are shown
    tab.wait_for_function(f"() => {faded}.every(x => !x)")
    assert tab.locator(PICKED).count() == 0


def test_a_click_on_a_mark_chooses_too(html, visit):
    tab = visit(html)
    tab.wait_for_function("() => document.querySelectorAll('figure.live').length == 3")
    tab.locator("figure").nth(1).locator(f".stage path[fill='{COLOURS['relu']}']").first.click()
    assert tab.locator(PICKED).get_attribute("data-choice") == "relu"


def test_a_slider_and_a_menu_say_which_rows_are_drawn(html, visit):
    tab = visit(html)
    figure = tab.locator("figure.live:has(.control)")
    figure.wait_for()

    def changed(act):
        before = figure.locator(".stage").inner_html()
        act()
        tab.wait_for_function(
            "before => document.querySelector('figure:has(.control) .stage').innerHTML != before",
            arg=before,
        )
        return figure.locator(".stage").inner_html()

    def colours(drawing):
        return {name for name, colour in COLOURS.items() if colour in drawing}

    assert colours(figure.locator(".stage").inner_html()) == {"relu"}
    assert figure.locator("output").inner_text() == "3"
    changed(lambda: figure.locator("input").fill("0"))
    assert figure.locator("output").inner_text() == "1"
    assert colours(changed(lambda: figure.locator("select").select_option(HOSTILE))) == {HOSTILE}
    assert tab.evaluate("window.broken") is None


def test_the_numbers_of_a_chart_are_a_click_away(html, visit):
    tab = visit(html)
    tab.wait_for_selector("figure.live")
    with tab.expect_download() as found:
        tab.locator("button.csv").first.click()
    assert found.value.suggested_filename == "learning.csv"
    with found.value.path().open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {"choice": "relu", "epoch": "1", "mean": "1", "low": "0.5", "high": ""}
    assert rows[3]["choice"] == HOSTILE


def test_without_scripts_tables_and_pictures_stay(html, visit):
    tab = visit(html, java_script_enabled=False)
    assert tab.locator("figure img").count() == 3
    assert tab.locator("figure img").first.is_visible()
    assert tab.locator("table").is_visible()
    assert not tab.locator("button.csv").first.is_visible()


def test_it_fits_a_phone(html, visit):
    tab = visit(html, viewport={"width": 360, "height": 740})
    tab.wait_for_selector("figure.live")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_dark_is_dark(html, visit):
    tab = visit(html, color_scheme="dark")
    tab.wait_for_selector("figure.live")
    ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", ground)[:3])) < 60
    assert "#e8e8ea" in tab.locator(".live .stage").first.inner_html()
