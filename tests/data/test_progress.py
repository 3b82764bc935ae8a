import io
import sys

from actscope.data._progress import shown


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_whoever_asked_is_told():
    told = []
    with shown(lambda *what: told.append(what)) as report:
        report("a.gz", 3, 10)
    assert told == [("a.gz", 3, 10)]


def test_nothing_is_said_where_nobody_looks(capsys):
    with shown(None) as report:
        report("a.gz", 3, 10)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_each_file_and_how_far_it_is(capsys, monkeypatch):
    for variable in ("NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with shown(None) as report:
        for received in (250_000, 500_000):
            report("a.gz", received, 500_000)
        report("b.gz", 7, 0)
    written = terminal.getvalue()
    assert "500.0/500.0 kB" in written
    last = written.rpartition("a.gz")[2]
    assert "b.gz" in last
    assert "7/? bytes" in last
    assert capsys.readouterr().out == ""
