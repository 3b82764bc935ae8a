import pytest

from actscope._errors import ActscopeError, IncompleteError, shown, unknown


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({}, "width 0"),
        ({"expected": "at least 1"}, "width 0; expected at least 1"),
        ({"do": "widen it"}, "width 0; widen it"),
        ({"expected": "at least 1", "do": "widen it"}, "width 0; expected at least 1; widen it"),
    ],
)
def test_an_error_says_got_expected_do(more, message):
    assert str(ActscopeError("width 0", **more)) == message


def test_the_kind_of_error_decides_the_exit_status():
    assert ActscopeError("a").status == 2
    assert IncompleteError("a").status == 3
    assert isinstance(IncompleteError("a"), ActscopeError)


@pytest.mark.parametrize(
    ("got", "message"),
    [
        (
            "lelu",
            "unknown f 'lelu'; expected one of elu, relu, tanh; did you mean 'elu' or 'relu'?",
        ),
        ("tan", "unknown f 'tan'; expected one of elu, relu, tanh; did you mean 'tanh'?"),
        ("xyz", "unknown f 'xyz'; expected one of elu, relu, tanh"),
    ],
)
def test_an_unknown_name_comes_with_the_nearest_known_ones(got, message):
    assert str(unknown("f", got, {"tanh": 1, "relu": 2, "elu": 3})) == message


def test_of_many_names_the_first_are_shown_and_all_are_searched():
    names = [f"name_{i:03}" for i in range(500)]
    message = str(unknown("thing", "name_444_", names))
    assert "name_029, … (500 in all); did you mean 'name_444'" in message
    assert "name_030" not in message


def test_where_nothing_is_known_nothing_is_listed():
    assert str(unknown("attribute of 'x'", "y", [])) == "unknown attribute of 'x' 'y'"


def test_no_word_of_a_strangers_file_tells_a_terminal_what_to_do():
    assert str(ActscopeError("a\x1b[2J\0\ud800é", do="b\nc")) == r"a\x1b[2J\x00\ud800é; b" + "\nc"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("swish", "'swish'"),
        ([1, {"a": None}], "[1, {'a': None}]"),
        (16**5000, "int with a number of thousands of digits"),
        ([16**5000], "list with a number of thousands of digits"),
    ],
    ids=["text", "list", "large", "large within"],
)
def test_a_value_is_shown(value, text):
    assert shown(value) == text


def test_a_value_is_shown_in_a_line_that_ends():
    deep = []
    for _ in range(10_000):
        deep = [deep, {"a": deep}]
    for large in (deep, "a" * 10**6, list(range(10**6))):
        assert len(shown(large)) < 1000
    assert len(str(unknown("word", "a" * 10**6, ["ab"]))) < 400
