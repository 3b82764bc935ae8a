"""What every test stands on: shapes and types checked, no silent broadcasting, the data folder."""

import os
from pathlib import Path

import pytest
from jaxtyping import install_import_hook

# Set before jax is imported: broadcasting between ranks hides mistakes.
os.environ.setdefault("JAX_NUMPY_RANK_PROMOTION", "raise")

with install_import_hook("actscope", "beartype.beartype"):
    import actscope  # noqa: F401


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder that `ACTSCOPE_DATA` names; the test is skipped where FashionMNIST is not there."""
    folder = Path(os.environ.get("ACTSCOPE_DATA", ""))
    if not os.environ.get("ACTSCOPE_DATA") or not (folder / "fashion_mnist").is_dir():
        pytest.skip("FashionMNIST is not here: set ACTSCOPE_DATA")
    return folder
