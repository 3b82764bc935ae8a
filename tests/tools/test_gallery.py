"""Pages of the gallery: their numbers in closed form, their links, and text that means mischief."""

import math
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from actscope.activations import Activation

pytestmark = pytest.mark.heavy

# A plain one, one that learns, one that draws, one that reads two numbers, one that makes two.
NAMES = ("relu", "prelu", "rrelu", "swiglu", "crelu")
TEXT = "{http://www.w3.org/2000/svg}text"
SCORES = """task,dataset,activation,depth,n,mean,low,high
classification,digits,relu,2,3,0.5,0.25,0.75
classification,digits,leaky_relu(negative_slope=0.3),2,3,0.625,0.5,0.75
classification,digits,relu,4,1,0.125,,
"""


@pytest.fixture(scope="module")
def folder(gallery, tmp_path_factory):
    made = tmp_path_factory.mktemp("docs")
    (made / "scores.csv").write_text(SCORES, "utf-8")
    gallery.write(made / "gallery", NAMES, gallery.Scores.read(made / "scores.csv"))
    return made / "gallery"


@pytest.fixture(scope="module")
def pages(folder):
    return {path.stem: path.read_text("utf-8") for path in folder.glob("*.md")}


def row_below(page, *heads):
    """The cells of the first row of the table with these headings."""
    lines = page.splitlines()
    return cells(lines[lines.index(f"| {' | '.join(heads)} |") + 2])


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_moments_and_gains_of_relu_are_those_in_closed_form(pages):
    moments = row_below(pages["relu"], "E[f]", "E[f²]", "E[f']", "E[f'²]")
    expected = [1 / math.sqrt(2 * math.pi), 0.5, 0.5, 0.5]
    np.testing.assert_allclose([float(each) for each in moments], expected, rtol=1e-5)
    gains = row_below(pages["relu"], "forward gain", "backward gain", "PyTorch's")
    np.testing.assert_allclose([float(each) for each in gains], math.sqrt(2), rtol=1e-5)


def test_relu_is_critical_without_biases_alone(pages):
    lines = pages["relu"].splitlines()
    table = [cells(line) for line in lines[lines.index("| σ_b | σ_w | q | χ₁ |  |") + 2 :][:3]]
    assert table[0] == ["0", "1.41421", "any", "1", "stable"]
    assert [line[:2] for line in table[1:]] == [["0.1", "none"], ["0.2", "none"]]


def test_a_setting_has_its_reason_and_says_whether_it_is_learned(pages):
    assert "| `negative_slope`, learned | 0.25 |" in pages["prelu"]
    why = dict(activations.get("prelu").why)["negative_slope"]
    assert why.split()[0] in pages["prelu"]


@pytest.mark.parametrize(
    ("name", "reason"), [("rrelu", "draws at random"), ("swiglu", "1 of 2"), ("crelu", "2 of 1")]
)
def test_where_theory_has_no_number_the_page_says_why(pages, folder, name, reason):
    assert reason in pages[name]
    assert "Edge of chaos" not in pages[name]
    assert f"actscope theory {name}" not in pages[name]
    assert not (folder / f"{name}-phases.svg").exists()


def test_gated_ones_are_drawn_along_each_number(gallery):
    swiglu = activations.get("swiglu")
    gate, value = gallery._slice(swiglu, 0, 0), gallery._slice(swiglu, 1, 0)
    x = jnp.linspace(-3, 3, 7)
    swish = x / (1 + jnp.exp(-x))
    lines = {name: np.asarray(f(x)) for name, f in (("a", gate), ("b", value))}
    # Of a · swish(b): a line along a, swish along b.
    np.testing.assert_allclose(lines["a"], x / (1 + math.exp(-1)), rtol=1e-5)
    np.testing.assert_allclose(lines["b"], swish, rtol=1e-5, atol=1e-6)


def test_one_that_makes_two_has_a_panel_for_each(gallery):
    figure = gallery.curve(activations.get("crelu"))
    first, second = (axis.lines for axis in figure.axes)
    for lines, sign in ((first, 1), (second, -1)):
        drawn = next(line for line in lines if len(line.get_xdata()) > 2)
        np.testing.assert_allclose(drawn.get_ydata(), np.maximum(sign * drawn.get_xdata(), 0))


def test_links_lead_to_what_is_there(pages, folder):
    made = {path.name for path in folder.iterdir()}
    every = {f"{name}.md" for name in activations.names()}
    for page in pages.values():
        targets = {target.partition("#")[0] for target in re.findall(r"\]\(([^)]+)\)", page)}
        inside = {target for target in targets if not target.startswith("../")}
        assert inside <= made | every
        assert targets - inside <= {
            f"../{each}"
            for each in ("theory.md", "functions.md", "catalogue.md", "study/scores.csv")
        }
    assert {f"{name}.md" for name in NAMES} <= set(re.findall(r"\]\((\w+\.md)", pages["index"]))


def test_text_in_a_picture_is_text(folder):
    for name in NAMES:
        texts = ElementTree.parse(folder / f"{name}.svg").iter(TEXT)
        assert "gradient" in {text.text for text in texts}


def test_a_thumbnail_is_a_curve_without_words(folder, pages):
    for name in NAMES:
        assert f"{name}-small.svg" in pages["index"]
        root = ElementTree.parse(folder / f"{name}-small.svg").getroot()
        assert not list(root.iter(TEXT))
        assert root.get("width") == "172.8pt"  # 2.4 inches


def test_scores_stand_beside_the_highest_of_their_setting(pages):
    found = [cells(line) for line in pages["relu"].splitlines() if line.startswith("| <code>relu")]
    leaky = "leaky&#95;relu(negative&#95;slope=0.3)"
    assert found == [
        ["<code>relu</code>", "2", "50.00%", "25.00% … 75.00%", "3", f"62.50%, {leaky}"],
        ["<code>relu</code>", "4", "12.50%", "– … –", "1", "12.50%, relu"],
    ]
    assert "reference study" not in pages["prelu"]  # which was not in it


def test_without_a_study_there_is_no_such_section(gallery, tmp_path):
    scores = gallery.Scores.read(tmp_path / "nothing.csv")
    assert "reference study" not in gallery.page(activations.get("relu"), scores)


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.met = set()

    def handle_starttag(self, tag, _):
        self.met.add(tag)


def test_a_hostile_record_is_text(gallery):
    mischief = "<script>alert(1)</script> `x` | [a](javascript:b) ![c](d) *e* &amp; \\\n# f"
    record = Activation(
        "hostile",
        lambda x, s=1.0: s * x,
        settings=(("s", 1.0),),
        why=(("s", mischief),),
        formula=mischief,
        latex="x",
        source=mischief,
        aliases=(mischief,),
        family="smooth",
    )
    page = gallery.page(record)
    tags = Tags()
    tags.feed(page)
    assert tags.met <= {"math", "mrow", "mi", "code"}
    assert "](javascript" not in page
    assert "](d)" not in page
    assert not re.search(r"^# f", page, re.MULTILINE)
    (setting,) = [line for line in page.splitlines() if line.startswith("| `s`")]
    assert setting.count("|") == 4


def test_hostile_scores_are_text(gallery):
    row = {"task": "<i>", "activation": "relu", "n": "<b>", "mean": "1", "low": "", "high": ""}
    other = {**row, "task": "b|c", "activation": "relu(<u>)"}
    page = gallery.page(activations.get("relu"), gallery.Scores((row, other)))
    tags = Tags()
    tags.feed(page)
    assert not tags.met & {"i", "b", "u"}
