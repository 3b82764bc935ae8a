"""MathML against elements written by hand, and whatever formula a record has."""

import re
from xml.etree import ElementTree

import pytest

from actscope import activations


def row(*parts):
    return f"<mrow>{''.join(parts)}</mrow>"


X, ONE = "<mi>x</mi>", "<mn>1</mn>"


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\frac{1}{x}", f"<mfrac>{row(ONE)}{row(X)}</mfrac>"),
        ("x^2", f"<msup>{X}<mn>2</mn></msup>"),
        ("a_1^x", f"<msubsup><mi>a</mi>{ONE}{X}</msubsup>"),
        (r"\sum_1^x", f"<munderover><mo>∑</mo>{ONE}{X}</munderover>"),
        (r"\sqrt{x}", f"<msqrt>{row(X)}</msqrt>"),
        (r"\left(x\right)", row("<mo>(</mo>", row(X), "<mo>)</mo>")),
        (r"x < 0.5", f"{X}<mo>&lt;</mo><mn>0.5</mn>"),
        (r"-\tanh x", '<mo>−</mo><mi>tanh</mi><mspace width="0.17em"/><mi>x</mi>'),
        (r"\operatorname{erf}(x)", f"<mi>erf</mi><mo>(</mo>{X}<mo>)</mo>"),
    ],
)
def test_a_construction_is_its_element(mathml, latex, expected):
    (made,) = ElementTree.fromstring(mathml.mathml(latex))
    assert ElementTree.tostring(made) == ElementTree.tostring(ElementTree.fromstring(row(expected)))


def test_cases_are_a_table(mathml):
    found = ElementTree.fromstring(
        mathml.mathml(r"\begin{cases} x & x > 0 \\ \alpha x & x \le 0 \end{cases}")
    )
    lines = ["".join(line.itertext()) for line in found.iter("mtr")]
    assert lines == ["xif\N{NO-BREAK SPACE}x>0", "αxif\N{NO-BREAK SPACE}x≤0"]


@pytest.mark.parametrize("name", activations.names())
def test_every_record_has_a_formula_that_is_known(mathml, name):
    formula = ElementTree.fromstring(mathml.mathml(activations.get(name).latex))
    assert "\\" not in "".join(formula.itertext())


@pytest.mark.parametrize(
    ("latex", "wrong"),
    [
        (r"\html{<script>}", "not known"),
        (r"\frac{1}", "breaks off"),
        (r"\left(x", "breaks off"),
        ("x}", "without a beginning"),
        (r"\begin{matrix}", "due"),
    ],
)
def test_what_it_does_not_know_is_refused(mathml, latex, wrong):
    with pytest.raises(ValueError, match=wrong):
        mathml.mathml(latex)


def test_signs_of_html_are_text(mathml):
    words = mathml.mathml(r"\operatorname{<i>} <b>")
    assert not {"<i>", "<b>"} & set(re.findall("<.*?>", words))
    assert "".join(ElementTree.fromstring(words).itertext()) == "<i><b>"
