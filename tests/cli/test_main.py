import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import actscope
from actscope import data
from actscope.cli import main


def raising(error):
    """A stand-in for any function, which raises."""

    def function(*_, **__):
        raise error

    return function


def test_help_names_every_command(call):
    said = call("--help")
    assert (said.status, said.err) == (0, "")
    for command in ("functions", "data", "train", "probe", "reproduce", "demo"):
        assert command in said.out
        shown = call(command, "-h")
        assert shown.status == 0
        assert f"actscope {command}" in shown.out
    assert max(map(len, said.out.splitlines())) <= 80


def test_version(call):
    assert call("--version").out == f"actscope {actscope.__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["data"]])
def test_without_a_command_there_is_help_and_an_error(call, arguments):
    said = call(*arguments)
    assert said.status == 2
    assert "Commands" in said.out
    assert said.error == "no command; expected one of those above"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["trian"], "no such command 'trian'. Did you mean 'train'?"),
        (["data", "lst"], "no such command 'lst'. Did you mean 'list'?"),
        (["train", "--epoch", "3"], "no such option: --epoch (Possible options: --epochs)"),
        (["train", "--epochs", "many"], "invalid value for '--epochs'"),
        (["train", "--epochs"], "option '--epochs' requires an argument"),
        (["probe"], "missing argument 'TARGET'"),
        (["demo", "extra"], "got unexpected extra argument(s) (extra)"),
    ],
)
def test_a_mistyped_command_is_one_line(call, arguments, error):
    said = call(*arguments)
    assert (said.status, said.out) == (2, "")
    assert said.error.startswith(error)


@pytest.mark.parametrize("where", [0, 1, 2])
def test_debug_shows_where_an_error_comes_from(call, where):
    arguments = ["functions", "sillu"]
    assert "Traceback" not in call(*arguments).err
    said = call(*arguments[:where], "--debug", *arguments[where:])
    assert said.status == 2
    assert "Traceback" in said.err
    assert said.err.splitlines()[-1].startswith("error: unknown activation 'sillu'")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MemoryError("4 TB"), "out of memory (4 TB); take a smaller network or data set"),
        (
            RuntimeError("RESOURCE_EXHAUSTED: 4 TB"),
            "out of memory (RESOURCE_EXHAUSTED: 4 TB); take",
        ),
        (PermissionError(13, "Permission denied", "x"), "x: Permission denied; mend that and run"),
        (OSError(28, "No space left on device"), "No space left on device; mend that and run"),
        (ZeroDivisionError("a\nb"), "unexpected ZeroDivisionError: a b; --debug shows where"),
    ],
)
def test_whatever_happens_is_one_line(call, monkeypatch, error, message):
    monkeypatch.setattr(data, "load", raising(error))
    said = call("train")
    assert (said.status, said.out) == (2, "")
    assert said.error.startswith(message)


def test_an_interruption_names_the_command_that_goes_on(call, monkeypatch):
    monkeypatch.setattr(data, "load", raising(KeyboardInterrupt))
    said = call("train", "--out", "my runs")
    assert (said.status, said.out) == (130, "")
    assert said.err == (
        "interrupted; to go on from what is finished: actscope train --out 'my runs'\n"
    )


def test_sigterm_is_ctrl_c_while_the_command_runs(call, monkeypatch):
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(data, "load", lambda _: os.kill(os.getpid(), signal.SIGTERM))
    said = call("train")
    assert said.status == 130
    assert said.err.startswith("interrupted; ")
    assert signal.getsignal(signal.SIGTERM) is before


# Long enough that the signal comes before the end, on any machine.
LONG = ["train", "--dataset", "digits", "--hidden", "16", "--epochs", "200", "--patience", "200"]


@pytest.mark.heavy
def test_after_ctrl_c_the_same_command_goes_on(call, read, without_seconds):
    assert call(*LONG, "--out", "whole").status == 0
    program = [sys.executable, "-m", "actscope", *LONG, "--out", "cut"]
    with subprocess.Popen(program, stderr=subprocess.PIPE, text=True) as process:
        told = [process.stderr.readline() for _ in range(3)]
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read().splitlines()
    assert told[2].startswith("relu: epoch 3 of 200")
    assert process.returncode == 130
    *_, last, line = [*told, *rest]
    assert line == f"interrupted; to go on from what is finished: actscope {' '.join(program[3:])}"
    said = call(*LONG, "--out", "cut")
    done = int(said.err.splitlines()[0].removeprefix("relu: goes on after epoch "))
    assert int(last.split()[2]) <= done < 200
    runs = [read(Path(folder, "run.json").read_text(), "train") for folder in ("cut", "whole")]
    assert without_seconds(runs[0]) == without_seconds(runs[1])


@pytest.mark.parametrize("arguments", [["--json", "-"], [], ["--help"]], ids=" ".join)
def test_a_reader_that_has_left(place, monkeypatch, capsys, arguments):
    reader, writer = os.pipe()
    os.close(reader)
    with io.TextIOWrapper(os.fdopen(writer, "wb")) as out:
        monkeypatch.setattr(sys, "stdout", out)
        assert main(["functions", "relu", *arguments]) == 3
    said = capsys.readouterr().err
    assert said == "standard output was closed before everything was written to it\n"


def test_a_full_disk_behind_standard_output(place, monkeypatch, capsys):
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with open("/dev/full", "w") as out:  # noqa: PTH123
        monkeypatch.setattr(sys, "stdout", out)
        assert main(["functions", "relu", "--json", "-"]) == 2
    assert capsys.readouterr().err.startswith("error: No space left on device; ")


@pytest.mark.heavy
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_lacks_characters(place, monkeypatch, encoding):
    content = io.BytesIO()
    out = io.TextIOWrapper(content, encoding=encoding)
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["functions", "relu"]) == 0
    assert "0 ? inf" in content.getvalue().decode(encoding)


@pytest.mark.parametrize(
    "program", [["-m", "actscope"], [Path(sys.executable).parent / "actscope"]]
)
def test_both_ways_to_start_it(program):
    if program[0] != "-m" and not program[0].exists():
        pytest.skip("the command is not installed beside this interpreter")
    ran = subprocess.run(
        [sys.executable, *program, "trian"], check=False, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "error: no such command 'trian'. Did you mean 'train'?\n"
