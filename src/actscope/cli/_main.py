"""The program: its commands, and how it ends."""

import os
import signal
import sys
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
from actscope.cli._reproduce import reproduce
from actscope.cli._train import train

_INTERRUPTED = 130

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (functions, train, probe, reproduce, demo):
    app.command()(command)
app.add_typer(data, name="data")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"actscope {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
) -> None:
    """See what activation functions do to a neural network."""
    del version
    if debug:
        os.environ["ACTSCOPE_DEBUG"] = "1"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Status: 0 done; 1 done, and the answer is "no"; 2 bad input or environment; 3 done in part;
    130 interrupted.

    Args:
        arguments: instead of the process's own.
    """
    signal.signal(signal.SIGTERM, _terminated)
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except ActscopeError as error:
        return _failed(error, error.status)
    except OSError as error:
        return _failed(error, 2)
    except KeyboardInterrupt:
        _say("interrupted; the same command goes on from what was finished")
        return _INTERRUPTED


def _run(arguments: list[str]) -> int:
    try:
        status: Any = app(arguments, prog_name="actscope", standalone_mode=False)
    except TyperException as error:
        raise _usage(error) from error
    return status or 0


def _usage(error: TyperException) -> ActscopeError:
    message = error.format_message().rstrip(".")
    return ActscopeError(message[:1].lower() + message[1:])


def _failed(error: Exception, status: int) -> int:
    if os.environ.get("ACTSCOPE_DEBUG"):
        raise error
    _say(f"error: {' '.join(_words(error).split())}")
    return status


def _words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}"
    return str(error)


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 (rich would wrap it)


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    raise KeyboardInterrupt
