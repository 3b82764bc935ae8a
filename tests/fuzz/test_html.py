"""Pages of words from anywhere: a browser sees them as words, and no element more."""

from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actscope.pages import Beside, Chart, Control, Page, Part, Prose, Table, _render, render
from actscope.pages._names import short
from actscope.probing._page import page as profile_page
from fuzz.trials import settings
from profiles import finding, site

PIECES = ["<", ">", "&", '"', "'", "/", "=", "\\", "`", "</script>", "<script>", "<!--", "-->"]
PIECES += ["<img src=x onerror=alert(1)>", "]]>", "</style>", "<svg/onload=x>", "&lt;", "&#60;"]
PIECES += [
    "javascript:x",
    "</td>",
    "</title>",
    "\0",
    "\u202e",
    "\ud7ff",
    "\r",
    "\n",
    "\t",
    "{{",
    "%",
]
PIECES += ['" onclick="x', "' style='x", "<base href=//x>", "<meta http-equiv=refresh>", "\u2028"]
WORDS = st.lists(st.sampled_from(PIECES) | st.text(min_size=1, max_size=3), min_size=1, max_size=5)
WORDS = WORDS.map("".join)
PLAIN = "word"


class Seen(HTMLParser):
    """What Python's own parser makes of a page: elements with their attributes, and text."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.text, self.data, self.odd = [], [], [], []
        self.inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.inside = tag
        self.elements.append((tag, *(name for name, _ in attrs)))
        self.text += [value for _, value in attrs if value]

    def handle_endtag(self, tag):
        self.inside = ""
        self.elements.append((f"/{tag}",))

    def handle_data(self, data):
        (self.data if self.inside == "script" else self.text).append(data)

    def handle_comment(self, data):
        self.odd.append(data)

    handle_pi = unknown_decl = handle_comment


def chart(words):
    spec = {"mark": "point", "params": [], "encoding": {"x": {"field": words, "title": words}}}
    rows = [{"choice": words, "a": 1.0, words: words}, {"a": float("nan")}]
    controls = (Control("epoch", (1, 2)), Control(words, (words, words)))
    return Chart(words, words, words, spec, rows, controls)


def page(words):
    """Of every kind of block, the words wherever a user's may stand."""
    table = Table(words, (words, words), ((words, words), (words, "1")), 1, (words, ""))
    folded = Table(words, (words,), ((words,),), folded=True)
    blocks = (Prose((words, words)), table, folded, chart(words))
    beside = Beside((words, words), (blocks, (Prose((words,)),)))
    parts = (Part(words, words, blocks), Part(words, "", (beside,)))
    return Page(words, words, parts, {words: "#4C72B0"}, words)


@pytest.fixture(autouse=True)
def without_drawing(monkeypatch):
    """What draws is megabytes of ours, the same on every page."""
    monkeypatch.setattr(_render, "still", lambda _: "data:image/svg+xml,x")
    monkeypatch.setattr(_render, "_vega", lambda: "vega")


def require_words(found, plain, words):
    """The same elements as of a plain word, the words in their place, and nothing of them odd."""
    assert found.elements == plain.elements
    assert found.odd == plain.odd
    told = "".join(found.text).replace("\r\n", "\n").replace("\r", "\n")
    assert words.replace("\r\n", "\n").replace("\r", "\n") in told
    assert not [data for data in found.data if "<" in data and data not in plain.data]


@pytest.mark.heavy
@given(WORDS)
@settings
def test_page(trial, words):
    html = trial.of(lambda: render(page(words)))
    require_words(Seen(html), Seen(render(page(PLAIN))), words)


def profile(words):
    """As a notebook shows it: names of sites, what was found, and what was passed over."""
    where = [site(words, activation=words, source=words)]
    rule = [finding(words, site=words, advice=words)]
    return profile_page(words, where, rule, [(words, words)])


@given(WORDS)
@settings
def test_profile(trial, words):
    html = trial.of(lambda: profile(words))
    require_words(Seen(html), Seen(profile(PLAIN)), words)


@given(st.text(st.characters(), max_size=80) | WORDS)
@settings
def test_names(trial, words):
    """What is shown of a name is printable, fits, and can be written as UTF-8."""
    shown = trial.of(lambda: SimpleNamespace(name=short(words))).name
    assert shown.isprintable()
    assert len(shown) <= 50
    shown.encode()
