"""The pages that tools make are what they make now."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def tool(name):
    spec = importlib.util.spec_from_file_location(f"tool_{name}", ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_catalogue_is_up_to_date():
    page = (ROOT / "docs" / "catalogue.md").read_text("utf-8")
    assert page == tool("catalogue").page(), "run tools/catalogue.py"


@pytest.mark.parametrize(("ulps", "words"), [(0, "0"), (0.1, "0.5"), (9.6, "10"), (12.1, "13")])
def test_ulps_are_rounded_up(ulps, words):
    assert tool("precision").readable(ulps) == words
