"""The command line: parse, call, print. What it does is written in the rooms it calls."""

from actscope.cli._main import main as main
