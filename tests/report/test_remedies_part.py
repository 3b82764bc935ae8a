"""What was tried on a study's networks, in a table."""

from dataclasses import dataclass, field

import pytest

from actscope.answers import Cure, Remedied
from actscope.diagnosis import Remedies, Tried
from actscope.pages import Prose, Table
from actscope.report._remedies_part import cures
from actscope.stats import paired


@dataclass
class Named:
    """What a part reads of a setting."""

    levels: dict = field(default_factory=lambda: {"activation": "sigmoid", "depth": "8"})
    label: str = "sigmoid · 8"


def tried(name, differences, *, confirmed=False):
    lower = paired(differences) if differences else None
    found = (name, 200, "seeds", 3, confirmed, lower, (0, 0 if lower else 3))
    return Tried(*found, (2.0, 1.4), (0.5, 0.0))


@pytest.fixture
def blocks():
    gelu, worse = tried("gelu instead", [0.5, 0.6, 0.7]), tried("larger steps", [])
    chosen = tried("gelu instead", [0.4, 0.5, 0.6], confirmed=True)
    remedies = Remedies((gelu, worse), chosen, (("biases", "there are none"),))
    found = Remedied((Cure(Named(), ("vanishing_gradient",), remedies),), 5)
    return list(cures(found, ("activation", "depth"), {"sigmoid": "sigmoid"})), chosen


def test_a_row_a_change_and_the_chosen_one_again(blocks):
    (prose, table, refused), chosen = blocks
    assert isinstance(prose, Prose)
    assert prose.sentences[0].startswith("5 kinds of network began with something wrong")
    assert prose.sentences[-1] == f"sigmoid · 8: {chosen}."
    low, high = chosen.lower.difference.low, chosen.lower.difference.high
    about = ("sigmoid", "8", "vanishing_gradient")
    assert table.rows[1] == (*about, "larger steps", "", "–", "–", "3 seeds", "0, 3")
    assert table.rows[2][:6] == (*about, "gelu instead", "yes, confirmed", "0.5")
    assert table.rows[2][6] == f"{low:.3g} … {high:.3g}"
    assert table.choices == ("sigmoid",) * 3
    assert refused == Table(
        "What was not tried",
        ("setting", "change", "reason"),
        (("sigmoid · 8", "biases", "there are none"),),
        3,
        folded=True,
    )


def test_nothing_wrong_is_said():
    (prose,) = cures(Remedied((), 0), ("activation",), {})
    assert prose.sentences == (
        "0 kinds of network began with something wrong; remedies were tried on 0.",
    )
