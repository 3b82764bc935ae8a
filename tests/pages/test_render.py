"""The whole page, as text and in a real browser."""

import csv
import json
import re

import pytest

from actscope import activations, pages
from actscope.figures import colour
from actscope.pages import Chart, Page, Part, Prose, Table, render
from pages.conftest import COLOURS, HOSTILE, chart, scores
from pages.contrast import contrast, faint

PICKED = '#choices button[aria-pressed="true"]'
# Of the palette's fourteen, what is below 3 to 1 on the ground of charts. They are the tutorial's
# and Tol's and stay: one colour an activation everywhere. Words and tables tell the same.
PALE = {"#DD8452", "#55A868", "#999933", "#DDCC77", "#44AA99", "#88CCEE"}
DARK = {"#332288", "#117733", "#882255"}


@pytest.fixture
def html(page):
    return render(page)


@pytest.fixture
def study_like():
    """Rows that are wider than paper, folded in too, and a table of colours."""
    heads = ("activation", *(f"number {n}" for n in range(9)))
    rows = tuple((name, *["-186.34 … +92.39"] * 9) for name in COLOURS)
    wide = [Table("Wide", heads, rows, choices=(*COLOURS,), folded=fold) for fold in (False, True)]
    cells = [
        {"choice": c, "level": str(n), "mean": n / 8, "shown": f"{n / 8:.3f}"}
        for c in COLOURS
        for n in range(9)
    ]
    heat = Chart("heat", "Means", "Means", pages.heat(x="depth", title="accuracy"), cells)
    blocks = (*wide, heat, scores(), chart())
    part = Part("One", "It is so.", blocks)
    return render(Page("Study", "of few", (part,), COLOURS, "activation"))


@pytest.mark.heavy
def test_words_are_words(html):
    assert "<img src=x" not in html
    assert html.count("</script>") == 5  # of three charts, and of what draws them


@pytest.mark.heavy
def test_the_data_of_a_chart_is_json_without_holes(html):
    blocks = re.findall(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)
    found = json.loads(blocks[0])["columns"]
    assert found["choice"] == {"levels": [*COLOURS], "codes": [0, 0, 0, 1, 1, 1]}
    assert found["high"] == [None] * 6


def test_a_page_without_charts_has_no_script():
    html = render(Page("a", "b", (Part("c", "d", (Prose(("e",)),)),)))
    assert "<script" not in html
    assert len(html) < 10_000


@pytest.mark.heavy
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(study_like, visit, scheme):
    tab = visit(study_like, color_scheme=scheme, viewport={"width": 1280, "height": 4000})
    tab.wait_for_function("() => document.querySelectorAll('figure.live').length == 3")
    assert faint(tab) == []
    tab.locator("#choices button").first.click()
    tab.locator("tr.faded").first.wait_for()
    assert faint(tab) == []
    tab.locator("figure").nth(1).locator(f".stage path[fill='{COLOURS['relu']}']").first.hover()
    tab.locator("#vg-tooltip-element.visible").wait_for()
    assert faint(tab) == []


@pytest.mark.parametrize(("scheme", "known"), [("light", PALE), ("dark", DARK)])
def test_which_marks_are_faint_is_known(study_like, visit, scheme, known):
    tab = visit(study_like, color_scheme=scheme)
    tab.wait_for_selector("figure")
    ground = tab.evaluate("getComputedStyle(document.querySelector('figure')).backgroundColor")
    colours = {colour(name) for name in activations.names()}
    assert {each for each in colours if contrast(each, ground) < 3} == known


def test_paper_shows_everything_and_cuts_nothing_off(study_like, visit):
    tab = visit(study_like, viewport={"width": 680, "height": 960})  # A4 within its margins
    tab.locator("figure").first.scroll_into_view_if_needed()
    tab.wait_for_selector("figure.live")
    tab.locator("#choices button").first.click()
    tab.emulate_media(media="print")
    assert tab.locator("figure img:visible").count() == 3
    assert tab.locator("table:visible").count() == 2  # one of them is folded
    assert tab.locator("button:visible, .stage:visible, nav:visible").count() == 0
    cut = """each => each.scrollWidth > each.clientWidth + 1
        || each.getBoundingClientRect().right > innerWidth"""
    blocks = "[...document.querySelectorAll('figure, img, .wide, table, th, td')]"
    assert tab.evaluate(f"{blocks}.filter({cut}).map(each => each.outerHTML.slice(0, 80))") == []
    assert tab.pdf(format="A4").startswith(b"%PDF")


def test_a_choice_is_shown_by_what_is_far_once_it_comes_near(visit):
    blocks = (scores(), *[Table("Long", ("n",), (("1",),) * 200)], chart("last"))
    html = render(Page("Study", "of few", (Part("One", "", blocks),), COLOURS, "activation"))
    tab = visit(html)
    first, last = tab.locator("figure").all()
    fades = "(place) => document.querySelectorAll('.stage')[place].innerHTML.includes('0.12')"
    last.scroll_into_view_if_needed()
    tab.wait_for_selector("figure.live >> nth=1")
    first.scroll_into_view_if_needed()
    tab.wait_for_function("() => document.querySelectorAll('figure.live').length == 2")
    tab.locator("#choices button").first.click()
    tab.wait_for_function(fades, arg=0)
    assert not tab.evaluate(fades, 1)
    last.scroll_into_view_if_needed()
    tab.wait_for_function(fades, arg=1)
