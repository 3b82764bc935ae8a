"""What the documentation says holds: links and anchors, code that runs, files that are named."""

import re
import tomllib
from pathlib import Path

import pytest

from actscope import activations, answers

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
NOTEBOOK = DOCS / "tutorial_notebook.py"
PAGES = [*ROOT.glob("*.md"), *DOCS.glob("*.md"), NOTEBOOK]
# By the build of the pages.
MADE = {DOCS / "gallery" / f"{name}.md" for name in ("index", *activations.names())}
STUDIES = ("fashion", "digits")
MADE |= {NOTEBOOK.with_suffix(".md"), *(DOCS / "study" / name / "report.html" for name in STUDIES)}
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page, language):
    return [code for spoken, code in FENCE.findall(page.read_text("utf-8")) if spoken == language]


def links(text):
    """Targets of links and pictures, code left out."""
    text = re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))
    return re.findall(r"\]\(([^)\s]+)\)", text)


def anchors(page):
    """What may stand after a # in a link to a page, as Python-Markdown and mkdocstrings make it."""
    text = FENCE.sub("", page.read_text("utf-8"))
    headings = re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE)
    return {slug(heading) for heading in headings} | set(re.findall(r"^::: (\S+)", text, re.M))


def slug(heading):
    words = re.sub(r"\]\([^)]*\)", "", heading).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", words).strip())


def broken(page):
    """Local links of a page that lead nowhere."""
    found = []
    for link in links(page.read_text("utf-8")):
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        if "://" in link or path in MADE:
            continue
        if not path.exists() or (anchor and anchor not in anchors(path)):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_and_anchors_lead_somewhere(page):
    assert not broken(page)


def test_a_broken_link_is_seen(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# One `two`, three\n\n[a](#one-two-three) [b](#four) [c](no.md) [d](page.md#five)\n"
        "[e](https://example.org) `[f](code.md)`\n\n```text\n# Four\n[g](code.md)\n```\n"
    )
    assert broken(page) == ["#four", "no.md", "page.md#five"]


def run(page, folder):
    """Run the Python of a page in order; a block that begins with a file's name is that file."""
    names = {}
    for code in blocks(page, "python"):
        if file := re.match(r"# (\w+\.py)\n", code):
            (folder / file[1]).write_text(code, "utf-8")
        else:
            exec(compile(code, page.name, "exec"), names)
    return names


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where a reader works; the table of activations is put back afterwards."""
    from actscope.activations import _table

    monkeypatch.setattr(_table, "_TABLE", dict(_table._TABLE))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.heavy
def test_the_network_that_does_not_train(folder, as_users_write, capsys):
    page = DOCS / "symptoms.md"
    names = run(page, folder)
    profile, (printed, *_) = names["profile"], blocks(page, "text")
    said = re.findall(r"^(?:warning|error)  (\w+)$", printed, re.MULTILINE)
    assert [finding.rule for finding in profile.findings] == [
        rule
        for rule in said
        if rule != "not_learning"  # which takes an optimizer
    ]
    rows = [line.split() for line in printed.splitlines() if line.startswith("Dense_")]
    for row, site in zip(rows, profile.sites, strict=True):
        # As printed, three digits; another processor may round the last one otherwise.
        assert [float(row[2]), float(row[6])] == pytest.approx(
            [site.pre.std, site.gradient.std], rel=2e-2
        )
    assert [step for step, _ in names["watching"].history] == [0, 5, 10]
    assert "vanishing_gradient" in capsys.readouterr().out


def test_an_activation_of_ones_own(folder, capsys):
    from actscope import study

    page = DOCS / "own.md"
    run(page, folder)
    facts, start, answer = blocks(page, "text")
    assert numbers(capsys.readouterr().out) == pytest.approx(numbers(facts + start), rel=1e-9)
    (specification,) = blocks(page, "toml")
    plan = study.plan(study.spec(tomllib.loads(specification)))
    assert len(plan.members) == 30
    assert "10 seeds" in answer


@pytest.mark.heavy
def test_the_twenty_networks_of_the_readme(folder, capsys):
    """Of two seeds and one epoch here, so eight."""
    code = next(code for code in blocks(ROOT / "README.md", "python") if "study.run" in code)
    for told, less in (('"seeds": 5', '"seeds": 2'), ('"epochs": 20', '"epochs": 1')):
        assert told in code
        code = code.replace(told, less)
    names = {}
    exec(compile(code, "README.md", "exec"), names)
    assert len(names["study"].plan(names["spec"]).members) == 8
    assert "n = 2" in capsys.readouterr().out
    assert (folder / "first.html").stat().st_size > 1_000_000


@pytest.mark.parametrize("name", STUDIES)
def test_what_a_published_study_says_is_what_is_told_of_it(name):
    told = blocks(DOCS / "choose.md", "text")[STUDIES.index(name)].splitlines()
    (answer,) = answers.answers(DOCS / "study" / name)
    assert told == [*answer.findings]


def numbers(text):
    return [float(each) for each in re.findall(r"-?\d+\.\d+", text)]


def test_files_that_are_named_are_there():
    named = re.findall(r"`((?:tests|benchmarks)/[\w/]+\.py)`", (DOCS / "tested.md").read_text())
    assert len(named) > 50
    assert not [path for path in named if not (ROOT / path).is_file()]
