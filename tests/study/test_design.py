"""Crossing, walking together and leaving out, against brute force."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actscope.study._design import count, design, holding, walk
from actscope.study._specfile import spec

VALUES = {
    "activation": ["relu", "tanh", "elu"],
    "depth": [1, 2, 3],
    "width": [4, 5, 6],
    "optimizer": ["sgd", "adam", "lion"],
    "learning_rate": [0.1, 0.2, 0.3],
    "momentum": [0.0, 0.5, 0.7],
}


@st.composite
def documents(draw):
    """Specifications whose exclusions may leave out nothing or everything."""
    length = draw(st.integers(1, 3))
    paired = draw(st.lists(st.sampled_from(list(VALUES)), unique=True, max_size=4))
    pair = [names for names in (paired[:2], paired[2:]) if len(names) == 2]
    together = {name for names in pair for name in names}
    axes = {
        name: values[: length if name in together else draw(st.integers(1, 3))]
        for name, values in VALUES.items()
    }
    exclude = st.lists(st.sampled_from(list(axes)), unique=True, min_size=1).flatmap(
        lambda names: st.fixed_dictionaries({name: st.sampled_from(axes[name]) for name in names})
    )
    tables = draw(st.lists(exclude, max_size=4))
    return {"axes": axes, "design": {"pair": pair, "exclude": tables}}


def brute_force(document):
    """Every cell, as a table of what was written."""
    axes, rules = document["axes"], document["design"]
    cells = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    return [
        cell
        for cell in cells
        if all(axes[a].index(cell[a]) == axes[b].index(cell[b]) for a, b in rules["pair"])
        and not any(table.items() <= cell.items() for table in rules["exclude"])
    ]


def built(document):
    """The design of a document, whatever it leaves out."""
    rules = document["design"]
    plain = spec({"axes": document["axes"], "design": {"pair": rules["pair"]}})
    bans = frozenset(
        frozenset(
            level
            for name, value in table.items()
            for level in plain.axes[name]
            if level.value == value
        )
        for table in rules["exclude"]
    )
    cells = design(plain)
    return type(cells)(cells.units, bans)


def as_cell(row):
    return {level.axis: level.value for level in row if level.axis in VALUES}


def ordered(cells):
    return sorted(cells, key=lambda cell: sorted(cell.items()))


@pytest.mark.heavy
@settings(max_examples=150)
@given(documents())
def test_cells_are_those_of_brute_force(document):
    cells = built(document)
    expected = brute_force(document)
    assert ordered(map(as_cell, walk(cells))) == ordered(expected)
    assert count(cells) == len(expected)


@pytest.mark.heavy
@settings(max_examples=60)
@given(documents(), st.data())
def test_a_part_of_a_design_holds_what_is_wanted(document, data):
    cells = built(document)
    names = data.draw(st.lists(st.sampled_from(list(VALUES)), unique=True, max_size=3))
    wanted = {name: data.draw(st.sampled_from(document["axes"][name])) for name in names}
    levels = [
        level
        for name, value in wanted.items()
        for unit in cells.units
        for row in unit
        for level in row
        if (level.axis, level.value) == (name, value)
    ]
    expected = [cell for cell in brute_force(document) if wanted.items() <= cell.items()]
    assert count(holding(cells, levels)) == len(expected)


def test_the_first_axis_of_the_table_changes_slowest():
    axes = {"momentum": [0.5, 0.0], "depth": [2, 1], "width": [4], "activation": ["tanh", "relu"]}
    rows = [as_cell(row) for row in walk(design(spec({"axes": axes})))]
    found = [(row["activation"], row["depth"], row["momentum"]) for row in rows]
    assert found == list(product(["tanh", "relu"], [2, 1], [0.5, 0.0]))


def test_what_is_tuned_changes_fastest():
    document = {
        "axes": {"batch_size": [8, 9]},
        "design": {"tune": {"hidden_sizes": [[4], [3]]}},
    }
    rows = walk(design(spec(document)))
    found = [{level.axis: level.value for level in row} for row in rows]
    pairs = [(row["batch_size"], row["hidden_sizes"]) for row in found]
    assert pairs == [(8, [4]), (8, [3]), (9, [4]), (9, [3])]


def test_a_large_grid_with_exclusions_is_counted_without_a_walk():
    many = [0.001 * (1 + i) for i in range(1000)]
    axes = dict.fromkeys(("momentum", "learning_rate", "weight_decay"), many[:900])
    exclude = [
        {"momentum": many[0], "weight_decay": many[1]},
        {"learning_rate": many[2], "weight_decay": many[1]},
    ]
    document = {"axes": axes, "design": {"exclude": exclude}}
    # weight_decay many[1]: 900² cells, of which (1 - 899/900 · 899/900) are left out.
    found = spec(document, max_members=10**12)
    assert count(design(found)) == 900**3 - (900**2 - 899**2)
