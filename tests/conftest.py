"""What every test stands on: types checked, no silent broadcasting, the data, a browser."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import hypothesis
import jaxtyping
import pytest
from beartype import BeartypeConf, beartype
from jaxtyping import install_import_hook

if TYPE_CHECKING:
    from actscope.data import Dataset
    from actscope.training import Job

# Set before jax is imported: broadcasting between ranks hides mistakes.
os.environ.setdefault("JAX_NUMPY_RANK_PROMOTION", "raise")
# To compile is most of what the tests do: what one process has compiled, the others read.
_programs = Path(__file__).parents[1] / ".pytest_cache" / "programs"
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(_programs))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.05")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")

# A script's background commands ignore Ctrl-C (POSIX), and so would all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("no_deadline", deadline=None)
hypothesis.settings.load_profile("no_deadline")

# An int will do for a float, as PEP 484 has it. The hook stays: rooms are imported when first used.
_checker = ModuleType("actscope_type_checker")
_checker.check = beartype(conf=BeartypeConf(is_pep484_tower=True))
sys.modules[_checker.__name__] = _checker
install_import_hook("actscope", "actscope_type_checker.check")


@pytest.fixture(scope="module", autouse=True)
def _programs_end_with_their_file() -> Iterator[None]:
    """Compiled programs are dropped after each file.

    Each holds memory maps, of which Linux allows a process 65,530: beyond that XLA crashes.
    """
    yield
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()


@pytest.fixture
def unchecked(monkeypatch) -> None:
    """Types are not checked: what the public doors say of a wrong one is what is tested."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


@pytest.fixture
def as_users_write() -> Iterator[None]:
    """Ranks may be promoted silently, as they are in most models."""
    import jax

    with jax.numpy_rank_promotion("allow"):
        yield


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder that `ACTSCOPE_DATA` names; without FashionMNIST in it the test is skipped."""
    folder = Path(os.environ.get("ACTSCOPE_DATA", ""))
    if not os.environ.get("ACTSCOPE_DATA") or not (folder / "fashion_mnist").is_dir():
        pytest.skip("FashionMNIST is not here: set ACTSCOPE_DATA")
    return folder


@pytest.fixture(scope="session")
def digits() -> "Dataset":
    """scikit-learn's digits, which need no file."""
    from actscope import data

    return data.load("digits")


@pytest.fixture(scope="session")
def make_job(digits: "Dataset") -> "Callable[..., Job]":
    """Makes jobs small enough to be trained in a blink: the digits, one narrow layer."""
    from actscope import activations, training
    from actscope.networks import FeedForward
    from actscope.training import Job, Recipe

    def make(
        *,
        hidden=(16,),
        activation="relu",
        dataset=digits,
        seed=0,
        start=None,
        task="classification",
        **recipe,
    ):
        what = training.task(task)
        network = FeedForward(activations.get(activation), hidden, what.num_outputs(dataset))
        settings = {"epochs": 3, "batch_size": 128, "learning_rate": 0.1, **recipe}
        return Job(network, dataset, Recipe(**settings), seed, start, what)

    return make


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's Chromium."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("there is no Chromium here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """`visit(html)` opens a page; it may neither ask for anything more, nor complain."""
    asked: list[str] = []
    complaints: list[str] = []
    contexts: list[Any] = []

    def open_(html: str, **options: Any) -> Any:
        path = tmp_path / "page.html"
        path.write_text(html, "utf-8")
        context = browser.new_context(**options)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(path.as_uri())
        return tab

    yield open_
    for context in contexts:
        context.close()
    inside = ("data:", "blob:")
    assert [url for url in asked if not url.startswith(inside)] == [
        (tmp_path / "page.html").as_uri()
    ] * len(contexts)
    assert complaints == []
