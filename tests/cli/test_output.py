import errno
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest
from matplotlib.figure import Figure

from actscope._errors import ActscopeError
from actscope.cli import _output as output
from actscope.figures import dead_units

HOSTILE = r"""</text><script>alert("1")</script> $x_{ & 'é'"""


def test_json_knows_neither_nan_nor_infinity(place):
    document = {"a": [1.5, math.nan, (math.inf, -math.inf)], 2: {"b": None, "c": True, "d": "é"}}
    output.write_json("x.json", document)
    text = Path("x.json").read_text("ascii")
    assert json.loads(text) == {
        "a": [1.5, None, [None, None]],
        "2": {"b": None, "c": True, "d": "é"},
    }


def test_json_goes_nowhere_to_a_file_or_to_standard_output(place, capsys):
    output.write_json(None, {"a": 1})
    assert not list(place.iterdir())
    output.write_json("-", {"a": 1})
    assert capsys.readouterr().out == '{"a": 1}\n'
    assert not list(place.iterdir())


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (lambda: output.write_json("numbers.json", {}), "numbers.json"),
        (lambda: output.write_figure("picture.png", Figure()), "picture.png"),
    ],
)
def test_a_full_disk_leaves_what_was_there(place, monkeypatch, write, name):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    Path(name).write_text("old")
    monkeypatch.setattr(Path, "write_bytes", full)
    monkeypatch.setattr(Figure, "savefig", full)
    with pytest.raises(
        ActscopeError, match=rf"^{name} cannot be written \(No space left on device"
    ):
        write()
    assert [path.name for path in place.iterdir()] == [name]
    assert Path(name).read_text() == "old"


def test_a_folder_without_permission(place, monkeypatch):
    (place / "mine").mkdir()
    monkeypatch.setattr(os, "access", lambda path, _: path != Path("mine"))  # root may always
    with pytest.raises(
        ActscopeError, match="mine cannot be written to; expected a folder to write"
    ):
        output.require_file("mine/new/x.json")


def test_where_a_file_can_be_written(place):
    Path("file").write_text("")
    output.require_file("file")
    output.require_file("new/folder/file")
    output.require_folder("new")
    assert [path.name for path in place.iterdir()] == ["file"]


def test_what_a_user_called_something_is_no_markup(capsys):
    shown = output.table("name", "words", words=("words",))
    shown.add_row("[/bold] a", ":smile: [red]b")
    output.console().print(shown)
    output.console().print("in [/x] :cat:")
    _, row, line = capsys.readouterr().out.splitlines()
    assert row.split() == ["[/bold]", "a", ":smile:", "[red]b"]
    assert line == "in [/x] :cat:"


@pytest.mark.parametrize(("columns", "width"), [(None, 160), ("80", 80), ("200", 200)])
def test_a_pipe_is_wide_unless_the_user_says_otherwise(monkeypatch, columns, width):
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    assert output.console().width == width


def test_names_stay_whole_where_words_are_folded(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    shown = output.table("name", "words", words=("words",))
    shown.add_row("a_name_of_twenty_four_xx", "some words that do not fit beside it")
    output.console().print(shown)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 40
    assert "a_name_of_twenty_four_xx" in lines[1]
    assert len(lines) > 2


def test_nothing_is_printed_beside_json_on_standard_output(capsys):
    output.console("-").print("a table")
    output.console("x.json").print("another")
    output.messages().print("a remark")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("another\n", "a remark\n")


def drawn(path) -> bytes:
    """A figure with an activation of one's own, as a file."""
    made = dead_units({"relu": [(1, 4), (0, 4)], HOSTILE: [(2, 4)]}, examples=9, caption="50 $ & _")
    return output.write_figure(path, made).read_bytes()


AGAIN = "import sys, runpy; runpy.run_path(sys.argv[1])['drawn'](sys.argv[2])"


@pytest.mark.heavy
@pytest.mark.parametrize("ending", output.PICTURES)
def test_the_same_figure_is_the_same_bytes_wherever_it_is_written(place, ending):
    first = drawn(f"a.{ending}")
    users = {"svg.fonttype": "path", "pdf.compression": 0, "savefig.bbox": "tight", "font.size": 30}
    with matplotlib.rc_context(users):
        before = dict(matplotlib.rcParams)
        assert drawn(f"b.{ending}") == first
        assert dict(matplotlib.rcParams) == before
    command = [sys.executable, "-c", AGAIN, __file__, f"c.{ending}"]
    subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": "7"}, check=True)
    assert Path(f"c.{ending}").read_bytes() == first
    assert b"CreationDate" not in first
    assert b"dc:date" not in first


def test_text_of_an_svg_is_text_and_none_of_it_is_markup(place):
    tree = ElementTree.fromstring(drawn("a.svg"))
    names = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert "script" not in names
    told = {"".join(element.itertext()) for element in tree.iter() if element.tag.endswith("}text")}
    assert {"relu", HOSTILE[:20] + "…" + HOSTILE[-20:], "50 $ & _", "dead units (%)"} <= told


def test_fonts_of_a_pdf_are_whole(place):
    written = drawn("a.pdf")
    assert b"/FontFile2" in written  # a TrueType font is in it
    assert b"/Type3" not in written


def test_figures_lie_in_their_folder_under_their_names(place):
    output.write_figures(Path("new"), [("a", Figure()), ("b-relu_0.1", Figure())], "svg")
    files = sorted(Path("new").iterdir())
    assert [path.name for path in files] == ["a.svg", "b-relu_0.1.svg"]
    assert all(path.read_bytes().startswith(b"<?xml") for path in files)
