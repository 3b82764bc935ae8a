from html.parser import HTMLParser

import pytest

from profiles import finding, profile, site

HOSTILE = "</script><img onerror=\"alert('1')\"> &amp; $x$"
VOID = {"br"}


class Page(HTMLParser):
    """What a browser makes of a page: its elements, closed in order, and its text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.words, self.attributes = [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += [] if "style" in self.open else [data]

    @property
    def text(self):
        return "|".join(self.words)


def test_a_row_a_site_below_its_heading():
    page = Page(profile()._repr_html_())
    assert page.seen.count("tr") == 3
    for word in ("2 sites", "over 9 examples", "layers.1", "tanh", "hidden", "4 (100 %)", "3.5"):
        assert word in page.text
    assert "details" not in page.seen


def test_findings_stand_first_with_where_why_and_what_to_do():
    several = tuple(finding(site=f"layers.{i}") for i in range(9))
    found = profile(findings=(finding("not_learning", "error", site="", source=""), *several))
    text = Page(found._repr_html_()).text
    order = ["error", "not_learning", "passes no", "another start", "warning", "dead_units"]
    places = ["layers.0 (net.py:7): dead 0.5, threshold 0.25", "layers.5 (", "and 3 more"]
    at = [text.index(word) for word in [*order, *places, "effective rank"]]
    assert at == sorted(at)
    assert "layers.6 (" not in text


@pytest.mark.heavy
def test_of_a_sequence_the_first_and_the_last_steps_are_shown():
    page = Page(profile(sites=tuple(site(f"cell[{i}]") for i in range(5000)))._repr_html_())
    assert page.seen.count("tr") == 1 + 200 + 1
    assert "… 4,800 more" in page.text


def test_what_is_not_known_is_no_evidence():
    text = finding(evidence={"rank": float("nan"), "share": 0.5, "of": "relu"}).told
    assert text == "layers.0 (net.py:7): share 0.5, of relu"


def test_what_was_passed_over_is_folded_in():
    page = Page(profile(excluded=(("norm", "a divisor"), ("mask", "no parameter")))._repr_html_())
    assert page.seen.count("details") == page.seen.count("summary") == 1
    assert "2 passed over" in page.text
    assert "norm: a divisor" in page.text


def test_a_hostile_name_is_text():
    bad = dict.fromkeys(["source", "why", "advice"], HOSTILE)
    found = profile(
        sites=(site(HOSTILE, activation=HOSTILE, role=HOSTILE, source=HOSTILE),),
        findings=(finding(HOSTILE, HOSTILE, HOSTILE, evidence={HOSTILE: HOSTILE}, **bad),),
        excluded=((HOSTILE, HOSTILE),),
    )
    page = Page(found._repr_html_())
    assert not {"script", "img"} & set(page.seen)
    assert set(page.attributes) == {"class", "title"}
    assert page.text.count(HOSTILE) == 8 + 3 + 2  # of the finding, the site, what is passed over


def test_it_brings_no_script_and_loads_nothing():
    html = profile(findings=(finding(),))._repr_html_()
    assert not [word for word in ("<script", "http", "url(", "src=", "@import") if word in html]


def test_a_profile_of_nothing_is_shown():
    assert "0 sites" in Page(profile(sites=(), outputs=())._repr_html_()).text
