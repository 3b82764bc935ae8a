"""One colour an activation, in every figure."""

from collections import Counter
from collections.abc import Iterable
from zlib import crc32

# C0 to C5 of seaborn's "deep" palette in the order of the tutorial's table, as in its figures.
_TUTORIAL = {
    "sigmoid": "#4C72B0",
    "tanh": "#DD8452",
    "relu": "#55A868",
    "leaky_relu": "#C44E52",
    "elu": "#8172B3",
    "swish": "#937860",
}

# Paul Tol's "muted" scheme (SRON/EPS/TN/09-002, 2021), made for all kinds of colour vision,
# without its rose, which is too near to leaky_relu's red.
_OTHERS = (
    "#332288",
    "#44AA99",
    "#882255",
    "#999933",
    "#AA4499",
    "#117733",
    "#88CCEE",
    "#DDCC77",
)


# A colour that comes again is told by its dashes; the first three are the tutorial's.
DASHES = (
    "-",
    (0, (7, 2)),
    (0, (5, 1.5, 1, 1.5)),
    (0, (1, 1.2)),
    (0, (3, 1.2)),
    (0, (5, 1.5, 1, 1.5, 1, 1.5)),
)


def colour(label: str) -> str:
    """The colour of an activation, or of anything else that is drawn under a label.

    What stands after a comma, as in `"relu, untrained"`, tells networks of one activation apart
    and changes no colour. The colour follows from the label alone, never from what else is drawn
    or registered, so that it is the same in every figure and on every machine. Two labels outside
    of the tutorial's table may therefore share one; where both stand in one legend, `repeats`
    tells them apart.

    Returns:
        `#RRGGBB`.
    """
    name = label.partition(",")[0]
    return _TUTORIAL.get(name) or _OTHERS[crc32(name.encode()) % len(_OTHERS)]


def repeats(labels: Iterable[str]) -> dict[str, int]:
    """For each label, how many before it have its colour: what another dash or hatch goes by."""
    met = Counter[str]()
    found: dict[str, int] = {}
    for label in labels:
        found[label] = met[colour(label)]
        met[colour(label)] += 1
    return found
