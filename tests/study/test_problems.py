"""Problems are gathered, each with its key path."""

import pytest

from actscope._errors import ActscopeError
from actscope.study._problems import Problems, SpecError


def test_an_error_ends_its_block_alone():
    problems, reached = Problems(), []
    with problems.at("a.b"):
        reached.append("before")
        raise ActscopeError("bad", expected="good")
    with problems.at("a.c"):
        reached.append("after")
    assert (reached, len(problems)) == (["before", "after"], 1)
    with pytest.raises(SpecError, match=r"^file\.toml: a\.b: bad; expected good$") as caught:
        problems.raise_any("file.toml")
    assert caught.value.problems == ("a.b: bad; expected good",)
    assert caught.value.status == 2


def test_other_errors_are_bugs():
    with pytest.raises(ZeroDivisionError), Problems().at("a"):
        raise ZeroDivisionError


def test_many_problems_stand_below_each_other():
    problems = Problems()
    problems.unknown_keys("axes", {"layr": 1, "layer": 2}, ["layer"])
    problems.repeated({"a[0]": 1, "a[1]": 2, "a[2]": 1, "a[3]": 1})
    with pytest.raises(SpecError) as caught:
        problems.raise_any("file.toml")
    assert str(caught.value).splitlines() == [
        "file.toml: 3 problems",
        "  axes.layr: unknown key 'layr'; expected one of layer; did you mean 'layer'?",
        "  a[2]: the same as a[0]; expected each value once",
        "  a[3]: the same as a[0]; expected each value once",
    ]


def test_nothing_is_raised_of_nothing():
    Problems().raise_any("file.toml")
