"""The page of a study, a run or a model, as a user asks for it."""

import json
from pathlib import Path

import numpy as np
import pytest

from actscope import diagnosis, networks

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


@pytest.mark.heavy
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


@pytest.mark.heavy
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


@pytest.mark.heavy
def test_a_run_has_one_and_two_stand_side_by_side(call, trained, place):
    assert call("report", str(trained), "--out", "one.html").status == 0
    html = (place / "one.html").read_text("utf-8")
    for title in ("The answer", "Learning", "What is wrong"):
        assert f">{title}</h2>" in html
    said = call("report", str(trained), str(trained), "--out", "two.html")
    assert said.out == "page in two.html\n"
    html = (place / "two.html").read_text("utf-8")
    assert '<div class="beside">' in html
    assert html.index(">Both</h2>") < html.index(">The answer</h2>")
    assert "test accuracy (%)" in html


MODEL = """
import jax, jax.numpy as jnp, numpy as np

def function(params, x):
    return jnp.tanh(x @ params["hidden"]["w"]) @ params["out"]["w"]

def loss(outputs, targets):
    return -jnp.take_along_axis(jax.nn.log_softmax(outputs), targets[:, None], 1).mean()

def build(scale):
    draw = np.random.default_rng(0)
    w = {"hidden": {"w": scale * draw.normal(size=(6, 8))}, "out": {"w": draw.normal(size=(8, 3))}}
    x = draw.normal(size=(20, 6)).astype(np.float32)
    return function, jax.tree.map(jnp.float32, w), (x, x[:, :3].argmax(axis=1)), loss

def before(): return build(100)
def after(): return build(0.4)
"""


@pytest.fixture
def mine(place):
    (place / "report_model.py").write_text(MODEL)
    return "report_model:before", "report_model:after"


@pytest.fixture
def few(monkeypatch):
    """Remedies that are tried in three steps."""
    remedy = diagnosis.remedy

    def tried(model, profile, **options):
        return remedy(model, profile, **options | {"steps": 3, "screen": 2, "seeds": 2})

    for where in ("study._remedy.diagnosis", "diagnosis"):
        monkeypatch.setattr(f"actscope.{where}.remedy", tried)


@pytest.mark.heavy
def test_two_models_of_ones_own_begin_with_what_differs(call, mine, place):
    said = call("report", *mine)
    assert (said.status, said.out, said.err) == (0, "page in report.html\n", "")
    html = (place / "report.html").read_text("utf-8")
    assert (
        "Wrong with report_model:before on 20 examples alone: dead_units, saturated_units" in html
    )
    assert html.index(">Both</h2>") < html.index(">What is wrong</h2>")


@pytest.mark.heavy
def test_a_model_stands_beside_a_networks_file(call, trained, mine, place):
    (place / "net.safetensors").write_bytes((trained / networks.FILE_NAME).read_bytes())
    said = call("report", "net.safetensors", mine[1])
    assert (said.status, said.out) == (0, "page in report.html\n")
    said = call("report", mine[1], trained)
    assert (said.status, said.out) == (0, "page in report.html\n")


@pytest.mark.heavy
def test_a_folder_keeps_the_page_whatever_stands_beside_it(call, trained, mine, place):
    (place / "run").symlink_to(trained)
    said = call("report", "run", mine[0])
    assert said.out == "page in run/beside-report_model-before.html\n"
    (trained / "beside-report_model-before.html").unlink()


@pytest.mark.heavy
def test_remedies_of_a_model_are_on_its_page(call, few, mine, place):
    said = call("report", mine[0], "--remedy")
    assert (said.status, said.err) == (0, "")
    html = (place / "report.html").read_text("utf-8")
    assert "What helps most: " in html
    assert ">What was tried<" in html


DEEP = SPEC.replace("depth = [1, 3]", "depth = 8").replace('"relu", "tanh"', '"sigmoid"')


@pytest.mark.heavy
def test_remedies_of_a_study_stand_before_training(call, few, place, monkeypatch):
    (place / "SPEC.toml").write_text(DEEP)
    assert call("study", "run", "SPEC.toml", "--out", "out").status == 0
    with monkeypatch.context() as patched:
        patched.setattr("actscope.answers._remedied.begun", lambda some, _: ((),) * len(some))
        said = call("report", "out", "--remedy")
        assert said.status == 0
        assert said.err.startswith("nothing to remedy: ")
    said = call("report", "out", "--remedy")
    assert (said.status, said.err) == (0, "remedies for all\n")
    html = (place / "out" / "report.html").read_text("utf-8")
    assert "1 kind of network began with something wrong; remedies were tried on 1" in html
    assert "change tried" in html


@pytest.mark.heavy
def test_an_interruption_leaves_no_page(call, mine, place, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("actscope.diagnosis.remedy", stopped)
    said = call("report", mine[0], "--remedy")
    assert (said.status, said.out) == (130, "")
    assert not (place / "report.html").exists()


def test_a_study_and_a_run_do_not_compare(call, trained, place):
    (place / "out").mkdir()
    (place / "out" / "study.toml").write_text(SPEC)
    said = call("report", "out", str(trained))
    assert said.status == 2
    assert (
        said.error == f"out is a study, {trained} a network; expected two studies or two networks"
    )
    assert not (place / "out" / "report.html").exists()


@pytest.mark.parametrize(
    "folder", ["nowhere", ".", "nowhere.tar", "untrained", "nothing.here:at_all"]
)
def test_what_holds_no_study(call, place, folder):
    said = call("report", folder)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("error: ")
    assert not list(place.iterdir())
