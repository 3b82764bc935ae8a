"""What was tried on a study's networks, in a table."""

import pytest

from actscope.answers import Cure, Remedied
from actscope.diagnosis import Remedies, Tried
from actscope.pages import Prose, Table
from actscope.report._remedies_part import cures
from actscope.stats import paired

SPEC = """
[study]
name = "s"
dataset = "digits"
seeds = 2
epochs = 2
[axes]
activation = ["sigmoid"]
depth = [8, 9]
width = 8
"""


def tried(name, differences, *, confirmed=False):
    lower = paired(differences) if differences else None
    found = (name, 200, "seeds", 3, confirmed, lower, (0, 0 if lower else 3))
    return Tried(*found, (2.0, 1.4), (0.5, 0.0))


@pytest.fixture
def blocks(answered):
    (answer,) = answered(SPEC)
    assert answer.by == ("depth",)
    gelu, worse = tried("gelu instead", [0.5, 0.6, 0.7]), tried("larger steps", [])
    chosen = tried("gelu instead", [0.4, 0.5, 0.6], confirmed=True)
    remedies = Remedies((gelu, worse), chosen, (("biases", "there are none"),))
    found = Remedied((Cure(answer.settings[0], ("vanishing_gradient",), remedies),), 5)
    return list(cures(found, answer.by, {"8": "8"})), chosen


def test_a_row_a_change_and_the_chosen_one_again(blocks):
    (prose, table, refused), chosen = blocks
    assert isinstance(prose, Prose)
    assert prose.sentences[0].startswith("5 kinds of network began with something wrong")
    assert prose.sentences[-1] == f"8: {chosen}."
    low, high = chosen.lower.difference.low, chosen.lower.difference.high
    assert [row[:2] for row in table.rows] == [("8", "vanishing_gradient"), ("8", ""), ("8", "")]
    assert table.rows[1] == ("8", "", "larger steps", "", "–", "–", "3 seeds", "0, 3")
    assert table.rows[2][:5] == ("8", "", "gelu instead", "yes, confirmed", "0.5")
    assert table.rows[2][5] == f"{low:.3g} … {high:.3g}"
    assert table.choices == ("8",) * 3
    assert refused == Table(
        "What was not tried",
        ("setting", "change", "reason"),
        (("8", "biases", "there are none"),),
        3,
        folded=True,
    )


def test_nothing_wrong_is_said():
    (prose,) = cures(Remedied((), 0), ("activation",), {})
    assert prose.sentences == (
        "0 kinds of network began with something wrong; remedies were tried on 0.",
    )
