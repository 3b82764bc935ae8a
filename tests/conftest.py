"""Fixtures that any test may ask for."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder that `ACTSCOPE_DATA` names; the test is skipped where FashionMNIST is not there."""
    folder = Path(os.environ.get("ACTSCOPE_DATA", ""))
    if not os.environ.get("ACTSCOPE_DATA") or not (folder / "fashion_mnist").is_dir():
        pytest.skip("FashionMNIST is not here: set ACTSCOPE_DATA")
    return folder
