"""A study's page, as a user asks for it."""

import json
from pathlib import Path

import numpy as np
import pytest

SPEC = """
[study]
name = "small"
dataset = "digits"
seeds = 2
epochs = 3
[axes]
activation = ["relu", "tanh"]
depth = [1, 3]
width = 8
"""

HOSTILE = "</script><img src=x onerror=\"window.broken='1'\">& \u202egnp"
LONG = HOSTILE + " long" * 2000
NAME = "f" * 5000 + "\u05d0" * 5000  # of a function: the longest and strangest that Python takes
CODE = f"""
import jax.numpy as jnp
from actscope.activations import Activation

{NAME} = Activation("any:name", jnp.tanh, formula={LONG!r}, source={LONG!r})
"""


def hostile_data() -> Path:
    """An `.npz` in a folder `<`: no name holds a slash, but the path does."""
    folder, _, rest = HOSTILE.partition("/")
    Path(folder).mkdir()
    path = Path(folder, f"{rest}{'x' * (251 - len(rest.encode()))}.npz")  # 255 bytes, the most
    x, y = np.random.default_rng(0).random((120, 4), np.float32), np.arange(120) % 2
    np.savez(path, x_train=x, y_train=y, x_test=x[:40], y_test=y[:40])
    return path


def hostile_spec(**changes: str) -> str:
    lines = {
        "name": "s",
        "dataset": str(hostile_data()),
        "activation": ["relu", f"hostile_names:{NAME}"],
        "hidden_sizes": [[4]],
        **changes,
    }
    axes = "".join(f"{k} = {json.dumps(v)}\n" for k, v in lines.items() if k != "name")
    study = f"name = {json.dumps(lines['name'])}\nseeds = 2\nepochs = 1\n"
    return f"# {LONG}\n[study]\n{study}[axes]\nbatch_size = 32\n{axes}"


def test_a_study_of_hostile_names_has_a_page_of_words(call, place, visit):
    (place / "hostile_names.py").write_text(CODE, "utf-8")
    (place / "SPEC.toml").write_text(hostile_spec(), "utf-8")
    assert call("study", "run", "SPEC.toml", "--out", "out").status == 0
    tab = visit((place / "out" / "report.html").read_text("utf-8"))
    for figure in tab.locator("figure.chart").all():
        figure.scroll_into_view_if_needed()
        figure.locator(".stage svg").first.wait_for()
    tab.locator("#choices button").last.click()
    assert tab.evaluate("window.broken") is None
    assert tab.locator("img:not(figure img)").count() == 0
    words = tab.locator("main").text_content()
    assert words.count(LONG) == 3  # the specification, formula and source
    assert words.count("onerror") == 6  # and the data set: its path and twice its name
    assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("name", "a folder's name"),
        ("activation", "unknown activation"),
        ("initialization", "unknown initialization"),
        ("network", "package.module:callable"),
    ],
)
def test_other_hostile_words_are_refused(call, place, key, expected):
    (place / "SPEC.toml").write_text(hostile_spec(**{key: LONG}), "utf-8")
    said = call("study", "run", "SPEC.toml", "--out", "out")
    assert said.status == 2
    assert key in said.err
    assert expected in said.err
    assert not (place / "out").exists()


def test_a_study_ends_with_its_page(call, place):
    (place / "SPEC.toml").write_text(SPEC)
    said = call("study", "run", "SPEC.toml", "--out", "out")
    assert said.status == 0
    assert said.out.splitlines()[-1] == "page in out/report.html"
    before = (place / "out" / "report.html").read_text("utf-8")
    for title in ("The answer", "Inside the networks", "Method"):
        assert f">{title}</h2>" in before
    assert call("report", "out", "--out", "page.html").out == "page in page.html\n"
    assert (place / "page.html").read_text("utf-8") == before


def test_a_probe_has_a_page_too(call, trained, place):
    said = call("probe", str(trained), "--report", "page.html")
    assert said.status == 0
    assert "page in page.html" in said.out.splitlines()
    html = (place / "page.html").read_text("utf-8")
    for title in ("What is wrong", "From the first site to the last", "Distributions"):
        assert f">{title}</h2>" in html


def test_a_run_has_one_and_two_stand_side_by_side(call, trained, place):
    assert call("report", str(trained), "--out", "one.html").status == 0
    html = (place / "one.html").read_text("utf-8")
    for title in ("The answer", "Learning", "What is wrong"):
        assert f">{title}</h2>" in html
    said = call("report", str(trained), str(trained), "--out", "two.html")
    assert said.out == "page in two.html\n"
    assert '<div class="beside">' in (place / "two.html").read_text("utf-8")


def test_a_study_and_a_run_do_not_compare(call, trained, place):
    (place / "out").mkdir()
    (place / "out" / "study.toml").write_text(SPEC)
    said = call("report", "out", str(trained))
    assert said.status == 2
    assert "out is a study" in said.err
    assert not (place / "out" / "report.html").exists()


@pytest.mark.parametrize("folder", ["nowhere", "."])
def test_what_holds_no_study(call, place, folder):
    said = call("report", folder)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("error: ")
    assert not list(place.iterdir())
