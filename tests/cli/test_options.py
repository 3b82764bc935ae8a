import pytest
from hypothesis import given
from hypothesis import strategies as st

from actscope._errors import ActscopeError
from actscope.cli import _options as options


@given(st.lists(st.integers(1, 10**9), min_size=1))
def test_widths_are_read(sizes):
    assert options.widths(",".join(map(str, sizes))) == tuple(sizes)


@pytest.mark.parametrize("text", ["", "5,", "512;256", "3.5", "0", "16,-1", "relu"])
def test_other_widths_are_refused(text):
    with pytest.raises(ActscopeError, match=r"--hidden '.*'; expected whole numbers above 0"):
        options.widths(text)


# Whatever would fail in the end fails before any work is done.
@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["functions", "--json", "folder"], "folder is not a regular file; expected a file name"),
        (["functions", "--json", "/dev/null"], "/dev/null is not a regular file; expected a file"),
        (["functions", "--json", "file/x.json"], "file is a file; expected a folder"),
        (["functions", "--plot", "file/x.png"], "file is a file; expected a folder"),
        (["probe", "untrained", "--plot", "x.bmp"], "--plot x.bmp; expected a file ending in .png"),
        (
            ["theory", "relu", "--format", "jpg"],
            "unknown format 'jpg'; expected one of pdf, png, svg",
        ),
        (
            ["study", "show", "folder", "--format", "spng"],
            "unknown format 'spng'; expected one of pdf",
        ),
        (["train", "--out", "file"], "file is a file; expected a folder"),
        (["train", "--out", "file/run"], "file is a file; expected a folder"),
        (["train", "--hidden", "0"], "--hidden '0'; expected whole numbers above 0"),
        (["reproduce", "--out", "file"], "file is a file; expected a folder"),
        (["demo", "--out", "file"], "file is a file; expected a folder"),
    ],
)
def test_what_cannot_be_written_is_refused_at_once(call, place, monkeypatch, arguments, error):
    monkeypatch.setattr("actscope.data.load", lambda _: pytest.fail("it has begun"))
    (place / "file").write_text("in the way")
    (place / "folder").mkdir()
    said = call(*arguments)
    assert (said.status, said.out) == (2, "")
    assert said.error.startswith(error)
    assert sorted(path.name for path in place.iterdir()) == ["file", "folder"]
