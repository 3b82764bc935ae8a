"""A study's page, as a user asks for it."""

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
