import json
import math
import re
from pathlib import Path

import pytest

import actscope
from actscope._errors import ActscopeError
from actscope.tutorial import _published
from actscope.tutorial._measure import HIDDEN_SIZES

PACKAGE = Path(actscope.__file__).parent
FILE = json.loads((PACKAGE / "tutorial" / "published.json").read_text("utf-8"))


def test_every_figure_of_the_contract():
    activations = ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish"]
    networks = ["untrained", "trained", "deep"]
    assert {number.id for number in _published.numbers()} == {
        *(f"test_accuracy.{name}" for name in activations),
        *(f"dead_neurons.{name}" for name in networks),
        *(f"dead_percentage.{name}" for name in networks),
    }
    assert all(number.source for number in _published.numbers())


def test_counts_and_percentages_say_the_same():
    values = {number.id: number.value for number in _published.numbers()}
    for name, sizes in HIDDEN_SIZES.items():
        shares = [
            100 * count / width
            for count, width in zip(values[f"dead_neurons.{name}"], sizes, strict=True)
        ]
        # Printed to two decimals.
        assert values[f"dead_percentage.{name}"] == pytest.approx(shares, abs=0.005)


def test_sentences_have_words_and_some_a_number():
    found = {sentence.id: sentence for sentence in _published.sentences()}
    assert all(re.fullmatch(r"claim\.[a-z_]+", name) for name in found)
    assert found["claim.sigmoid_largest_slope"].number == 0.25
    assert math.isnan(found["claim.sigmoid_trains"].number)
    assert all(sentence.words and sentence.source for sentence in found.values())


def test_accuracy_of_an_activation():
    assert _published.test_accuracy("sigmoid") == 0.7846
    with pytest.raises(ActscopeError, match="unknown activation of the tutorial 'gelu'"):
        _published.test_accuracy("gelu")


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_no_published_number_stands_in_the_code(path):
    accuracies = [entry["value"] for entry in FILE["figures"] if "accuracy" in entry["id"]]
    lists = [entry["value"] for entry in FILE["figures"] if isinstance(entry["value"], list)]
    rows = [r"[\s,]+".join(re.escape(f"{number:g}") for number in row) for row in lists]
    rates = [rf"0\.{a * 1e4:04.0f}|{a * 100:.2f}" for a in accuracies]
    found = re.findall("|".join(rows + rates), path.read_text("utf-8"))
    assert not found


def test_the_search_for_published_numbers_finds_them():
    text = (PACKAGE / "tutorial" / "published.json").read_text("utf-8")
    assert re.search(r"0[\s,]+0[\s,]+3[\s,]+7", text)
    assert "0.8865" in text
