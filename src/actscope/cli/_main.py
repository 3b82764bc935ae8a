"""The program: its commands, and how it ends."""

import io
import os
import shlex
import signal
import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer
from typer.exceptions import TyperException

from actscope import __version__
from actscope._errors import ActscopeError
from actscope.cli._data import data
from actscope.cli._demo import demo
from actscope.cli._functions import functions
from actscope.cli._probe import probe
from actscope.cli._report import report
from actscope.cli._reproduce import reproduce
from actscope.cli._study import study
from actscope.cli._theory import theory
from actscope.cli._train import train

_INTERRUPTED = 130
_IN_PART = 3
_DEBUG = "--debug"

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # boxes would cost a third of the time that --help takes
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (functions, theory, train, probe, report, reproduce, demo):
    app.command()(command)
app.add_typer(data, name="data")
app.add_typer(study, name="study")


def _version(wanted: bool) -> bool:
    if wanted:
        typer.echo(f"actscope {__version__}")
        raise typer.Exit
    return wanted


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, metavar="", help="Print the version."
        ),
    ] = False,
    debug: Annotated[
        bool, typer.Option(_DEBUG, metavar="", help="Show where an error comes from.")
    ] = False,
) -> None:
    """See what activation functions do to a neural network."""
    del version, debug  # typer prints them in the help; `main` takes --debug wherever it stands


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Status: 0 done; 1 done, and the answer is "no"; 2 bad input or environment; 3 done in part;
    130 interrupted.

    Args:
        arguments: instead of the process's own.
    """
    given = sys.argv[1:] if arguments is None else arguments
    _print_anything()
    try:
        with _terminable():
            return _run([word for word in given if word != _DEBUG])
    except KeyboardInterrupt:
        _say(f"interrupted; to go on from what is finished: {shlex.join(['actscope', *given])}")
        return _INTERRUPTED
    except (BrokenPipeError, SystemExit):  # how rich and typer leave when the reader has left
        _drop_output()
        _say("standard output was closed before everything was written to it")
        return _IN_PART
    except Exception as error:
        if _DEBUG in given:
            traceback.print_exception(error)
        return _failed(error)
    finally:
        _let_go_of_output()


def _run(arguments: list[str]) -> int:
    try:
        status: Any = app(arguments, prog_name="actscope", standalone_mode=False)
    except TyperException as error:
        raise _usage(error) from error
    if status == _INTERRUPTED:  # typer has swallowed the interruption
        raise KeyboardInterrupt
    return status or 0


def _usage(error: TyperException) -> ActscopeError:
    message = error.format_message().rstrip(".")
    if message.startswith("Usage:"):  # typer's help, for want of a command
        typer.echo(message)
        return ActscopeError("no command", expected="one of those above")
    return ActscopeError(message[:1].lower() + message[1:])


def _failed(error: Exception) -> int:
    told = error if isinstance(error, ActscopeError) else _told(error)
    lines = str(told).splitlines() if told.problems else [" ".join(str(told).split())]
    _say("\n".join([f"error: {lines[0]}", *lines[1:]]))
    return told.status


def _told(error: Exception) -> ActscopeError:
    """What no room has put into words."""
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return ActscopeError(
            f"{where}{error.strerror}", do="mend that and run the same command again"
        )
    if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in str(error):  # NumPy's, jax's
        return ActscopeError(f"out of memory ({error})", do="take a smaller network or data set")
    return ActscopeError(
        f"unexpected {type(error).__name__}: {error}", do=f"{_DEBUG} shows where it comes from"
    )


def _say(line: str) -> None:
    with suppress(OSError):  # standard error may be closed as well
        print(line, file=sys.stderr)  # noqa: T201 (rich would wrap it)


def _print_anything() -> None:
    """A terminal that lacks a character shows a question mark in its place."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _let_go_of_output() -> None:
    """What standard output does not take goes nowhere, or Python would stumble over it at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        _drop_output()


def _drop_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _terminable() -> Generator[None, None, None]:
    """SIGTERM is treated as Ctrl-C."""
    before = signal.signal(signal.SIGTERM, _terminated)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    raise KeyboardInterrupt
