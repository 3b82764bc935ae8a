"""The tools, which import each other as they do when they are run."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOLS = Path(__file__).parents[2] / "tools"


def _tool(name: str) -> ModuleType:
    sys.path.insert(0, str(TOOLS))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(TOOLS))


@pytest.fixture(scope="session")
def gallery() -> ModuleType:
    return _tool("gallery")


@pytest.fixture(scope="session")
def mathml() -> ModuleType:
    return _tool("mathml")


@pytest.fixture(scope="session")
def publish() -> ModuleType:
    return _tool("publish")
