import pytest

from actscope._errors import ActscopeError
from actscope.data import Source, folders, locate
from actscope.data._folders import offline

SOURCE = Source("toy", {"a": "", "b": "", "c": ""}, (), 10, "MIT")


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.setenv("ACTSCOPE_DATA", str(tmp_path / "own"))
    return tmp_path / "own"


def put(folder, *names):
    (folder / "toy").mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / "toy" / name).touch()


def test_without_a_variable_the_cache_is_the_place(cache):
    assert folders() == (cache,)


def test_the_users_own_folder_comes_first(own, cache):
    assert folders() == (own, cache)


def test_a_variable_that_is_empty_is_none(cache, monkeypatch):
    monkeypatch.setenv("ACTSCOPE_DATA", "")
    assert folders() == (cache,)


def test_home_may_be_written_short(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ACTSCOPE_DATA", "~/mine")
    assert folders()[0] == tmp_path / "mine"


def test_each_file_is_taken_where_it_is_found_first(own, cache):
    put(own, "a", "c")
    put(cache, "b", "c")
    assert locate(SOURCE) == {
        "a": own / "toy" / "a",
        "b": cache / "toy" / "b",
        "c": own / "toy" / "c",
    }
    assert list(locate(SOURCE)) == ["a", "b", "c"]


def test_what_is_not_there_is_left_out(own):
    put(own, "b")
    (own / "toy" / "a").mkdir()  # a folder is no file
    assert locate(SOURCE) == {"b": own / "toy" / "b"}


def test_a_folder_that_cannot_be_looked_into_is_named(monkeypatch):
    # Root may look into every folder; a name that no file system takes stops root as well.
    monkeypatch.setenv("ACTSCOPE_DATA", "/" + "x" * 300)
    with pytest.raises(ActscopeError, match=r"x/toy/a cannot be looked for .*set ACTSCOPE_DATA"):
        locate(SOURCE)


@pytest.mark.parametrize(
    ("value", "forbidden"), [("1", True), ("yes", True), ("0", False), ("", False)]
)
def test_the_variable_forbids_downloads(monkeypatch, value, forbidden):
    monkeypatch.setenv("ACTSCOPE_OFFLINE", value)
    assert offline() is forbidden


def test_downloads_are_allowed_where_nothing_is_said():
    assert not offline()
