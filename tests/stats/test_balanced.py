import itertools
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actscope._errors import ActscopeError
from actscope.stats import balanced

STUDY = {
    "activation": ["relu", "tanh", "swish"],
    "layer": ["dense", "convolution"],
    "normalization": ["none", "layer", "batch"],
    "seed": [0, 1, 2, 3, 4],
}


def grid(levels):
    return set(itertools.product(*levels.values()))


def without(cells, **which):
    """The cells that do not have all of these levels."""
    places = [list(STUDY).index(name) for name in which]
    return {c for c in cells if [c[p] for p in places] != list(which.values())}


def worth(levels, essential):
    """What the docstring promises to maximise, computed anew."""
    sizes = {name: len(kept) for name, kept in levels.items()}
    kept = [name for name, size in sizes.items() if size >= 2]
    needed = sum(name in essential for name in kept)
    return needed, len(kept), math.prod(sizes.values()), tuple(sizes.values())


def brute_force(factors, cells, essential):
    """The best worth among all products of non-empty level subsets that are whole."""
    subsets = [
        [c for size in range(1, len(levels) + 1) for c in itertools.combinations(levels, size)]
        for levels in factors.values()
    ]
    return max(
        worth(dict(zip(factors, choice, strict=True)), essential)
        for choice in itertools.product(*subsets)
        if cells.issuperset(itertools.product(*choice))
    )


@st.composite
def studies(draw):
    sizes = draw(st.sampled_from([(4,), (1, 3), (4, 5), (3, 3, 3), (2, 4, 3), (2, 2, 2, 3)]))
    factors = {f"factor {i}": list(range(10 * i, 10 * i + size)) for i, size in enumerate(sizes)}
    every = sorted(grid(factors))
    present = draw(st.lists(st.booleans(), min_size=len(every), max_size=len(every)))
    cells = {cell for cell, there in zip(every, present, strict=True) if there}
    essential = draw(st.sets(st.sampled_from(sorted(factors))))
    return factors, cells or {every[-1]}, essential


@pytest.mark.heavy
@settings(max_examples=150)
@given(studies())
def test_no_whole_sub_grid_is_better(study):
    factors, cells, essential = study
    found = balanced(factors, cells, essential=essential)
    assert cells.issuperset(grid(found.levels))
    assert worth(found.levels, essential) == brute_force(factors, cells, essential)
    assert found.proven
    assert found.cells == len(grid(found.levels)) == len(cells) - found.unused


@settings(max_examples=50)
@given(studies())
def test_kept_and_dropped_levels_make_up_the_factor(study):
    factors, cells, _ = study
    found = balanced(factors, cells)
    for name, levels in factors.items():
        kept, dropped = found.levels[name], found.dropped.get(name, ())
        assert sorted(kept + dropped) == levels
        assert list(kept) == sorted(kept)
    assert all(found.dropped.values())


def test_a_whole_study_is_kept():
    found = balanced(STUDY, grid(STUDY))
    assert found.levels == {name: tuple(levels) for name, levels in STUDY.items()}
    assert (found.dropped, found.unused, found.description) == ({}, 0, "all 90 cells")


def test_an_excluded_combination_costs_its_cheaper_level():
    # Without `layer` normalisation 60 cells stay; without convolution, which leaves one kind of
    # layer and so no factor, 45.
    found = balanced(STUDY, without(grid(STUDY), layer="convolution", normalization="layer"))
    assert found.dropped == {"normalization": ("layer",)}
    assert found.description == "60 of 75 cells, without normalization layer"


def test_a_missing_member_costs_its_seed():
    # 72 cells without seed 3, 60 without tanh or a normalisation.
    cells = grid(STUDY) - {("tanh", "dense", "batch", 3)}
    assert balanced(STUDY, cells).dropped == {"seed": (3,)}


def test_seeds_are_whole_blocks():
    cells = grid(STUDY) - {("tanh", "dense", "batch", 3), ("relu", "convolution", "none", 0)}
    found = balanced(STUDY, cells)
    assert found.levels["seed"] == (1, 2, 4)
    assert found.cells == 54


def test_a_factor_that_keeps_two_levels_is_worth_more_than_cells():
    # Of relu all 30 cells, of tanh 2 × 2 × 2: one activation alone is no comparison.
    few = {"layer": ["dense", "convolution"], "normalization": ["none", "batch"], "seed": [0, 4]}
    cells = without(without(grid(STUDY), activation="tanh"), activation="swish")
    found = balanced(STUDY, cells | {("tanh", *rest) for rest in grid(few)})
    assert found.levels == {"activation": ("relu", "tanh"), **{k: tuple(v) for k, v in few.items()}}


@pytest.mark.parametrize(
    ("essential", "kept"), [(None, (3, 1)), (["a"], (3, 1)), (["b"], (1, 3)), ([], (3, 1))]
)
def test_essential_factors_come_first(essential, kept):
    # A cross: either all of `a` at b = 0 or all of `b` at a = 0.
    cells = {(i, 0) for i in range(3)} | {(0, i) for i in range(3)}
    found = balanced({"a": [0, 1, 2], "b": [0, 1, 2]}, cells, essential=essential)
    assert tuple(len(levels) for levels in found.levels.values()) == kept


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_cells_changes_nothing(seed):
    every = sorted(grid(STUDY), key=str)
    generator = random.Random(seed)
    cells = generator.sample(every, 70)
    found = balanced(STUDY, cells)
    generator.shuffle(cells)
    assert balanced(STUDY, cells) == found


def test_a_study_stopped_half_way_keeps_the_seeds_that_are_through():
    factors = {
        "activation": [f"f{i}" for i in range(6)],
        "depth": [1, 2, 4, 8, 16],
        "learning_rate": [0.1, 0.03, 0.01, 0.003],
        "seed": list(range(10)),
    }
    by_seed = sorted(grid(factors), key=lambda cell: cell[::-1])
    found = balanced(factors, by_seed[: 7 * 120 + 50], essential=["activation", "seed"])
    assert found.dropped == {"seed": (7, 8, 9)}
    assert found.proven


@pytest.mark.heavy
def test_a_search_that_is_cut_short_says_so_and_is_balanced():
    factors = {f"factor {i}": list(range(8)) for i in range(4)}
    every = sorted(grid(factors))
    cells = set(random.Random(0).sample(every, round(0.7 * len(every))))
    found = balanced(factors, cells)
    assert not found.proven
    assert "a larger sub-grid may exist" in found.description
    assert cells.issuperset(grid(found.levels))
    assert min(len(kept) for kept in found.levels.values()) >= 2
    for name, dropped in found.dropped.items():
        for level in dropped:
            more = grid({**found.levels, name: (*found.levels[name], level)})
            assert not cells.issuperset(more)


@pytest.mark.parametrize(
    ("factors", "cells", "message"),
    [
        ({}, {()}, r"0 factors and 1 complete cells; expected at least one of each"),
        ({"a": [1, 2]}, set(), r"1 factors and 0 complete cells"),
        ({"a": []}, {(1,)}, r"levels \[\] of a; expected at least one, and none twice"),
        ({"a": [1, 1]}, {(1,)}, r"levels \[1, 1\] of a"),
        ({"a": [1], "b": [2]}, {(1,)}, r"cell \(1,\); expected a level of each of a, b"),
        ({"a": ["relu", "tanh"]}, {("rleu",)}, r"unknown level of a 'rleu'.*did you mean 'relu'"),
    ],
)
def test_cells_that_are_not_of_the_grid_are_refused(factors, cells, message):
    with pytest.raises(ActscopeError, match=message):
        balanced(factors, cells)


def test_an_unknown_essential_factor_is_refused():
    with pytest.raises(ActscopeError, match=r"unknown essential factor 'sed'.*did you mean 'seed'"):
        balanced(STUDY, grid(STUDY), essential=["sed"])
