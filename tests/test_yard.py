"""The yard: locks, wheel, schemas and documents agree with the code."""

import ast
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
from jsonschema import Draft202012Validator

import actscope
from actscope import activations, tutorial

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "actscope"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
SCHEMAS = sorted((ROOT / "docs" / "schemas").glob("*.json"))
NOTEBOOK = ROOT / "docs" / "tutorial_notebook.py"  # the build makes a page of it, of the same name


def distribution(requirement: str) -> str:
    """`scikit-learn>=1.7` -> `scikit-learn`."""
    return re.match(r"[\w-]+", requirement)[0].lower()


def imported() -> set[str]:
    """Top-level modules that the package imports, wherever the statement stands."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"actscope"}


def test_declared_dependencies_are_those_imported():
    modules = {"scikit-learn": "sklearn", "vl-convert-python": "vl_convert"}
    declared = {distribution(line) for line in PROJECT["project"]["dependencies"]}
    extras = PROJECT["project"]["optional-dependencies"].values()
    optional = {distribution(line) for lines in extras for line in lines}
    assert {modules.get(name, name) for name in declared} == imported() - (optional - declared)


def test_dependencies_are_documented():
    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8").lower()
    dev = PROJECT["dependency-groups"]["dev"]
    wanted = {distribution(line) for line in [*PROJECT["project"]["dependencies"], *dev]}
    assert not {name for name in wanted if name.removeprefix("pytest-") not in page}


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_locks_pin_and_hash_everything_and_name_no_host(path):
    text = path.read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=)", text, re.MULTILINE)  # no option but the hashes
    for entry in re.split(r"\n(?=\w)", text.strip()):
        assert re.match(r"[\w.-]+==\S+", entry)
        assert "--hash=sha256:" in entry
        assert not entry.startswith("torch==")


def test_the_lock_holds_every_dependency():
    lock = (ROOT / "requirements" / "dev.txt").read_text("utf-8")
    locked = set(re.findall(r"^([\w-]+)==", lock, re.MULTILINE))
    dev = PROJECT["dependency-groups"]["dev"]
    build = PROJECT["build-system"]["requires"]
    wanted = [*PROJECT["project"]["dependencies"], *dev, *build]
    assert {distribution(line) for line in wanted} <= locked


def test_the_wheel_holds_the_whole_package(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in ZipFile(wheel).namelist() if name.startswith("actscope/")}
    files = [path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert packed == {path.relative_to(PACKAGE.parent).as_posix() for path in files}
    assert "actscope/py.typed" in packed


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_schemas_are_valid_and_strict(path):
    schema = json.loads(path.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    what = path.name.removesuffix(".schema.json")
    assert schema["$id"] == f"urn:actscope:{what}:1"
    assert schema["properties"]["schema"] == {"const": f"actscope.{what}/1"}
    assert not [part for part in objects(schema) if part.get("additionalProperties") is not False]


def objects(schema: object) -> list[dict[str, object]]:
    """Every part of a schema that describes an object with known properties."""
    if isinstance(schema, list):
        return [found for part in schema for found in objects(part)]
    if not isinstance(schema, dict):
        return []
    inner = [found for part in schema.values() for found in objects(part)]
    return [schema, *inner] if schema.get("type") == "object" and "properties" in schema else inner


def test_public_names_are_the_documented_ones():
    page = (ROOT / "docs" / "reference.md").read_text("utf-8")
    documented = re.findall(r"^::: actscope\.(.+)$", page, re.MULTILINE)
    assert len(documented) == len(set(documented))
    assert set(documented) == public_names()


def public_names() -> set[str]:
    """What the rooms' `__init__` files re-export as `X as X`, but for the command line's."""
    return {
        f"{path.parent.name}.{alias.name}"
        for path in PACKAGE.glob("*/__init__.py")
        if path.parent.name != "cli"
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname == alias.name
    }


def test_the_version_is_the_same_everywhere():
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert re.search(r"^version: (.+)$", citation, re.MULTILINE)[1] == actscope.__version__


def test_every_page_is_in_the_navigation():
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    listed = set(re.findall(r"^  - .+: (\S+\.md)", text, re.MULTILINE))
    pages = [*(ROOT / "docs").glob("*.md"), NOTEBOOK]
    made = {"gallery/index.md"}  # by tools/gallery.py
    assert listed == {path.with_suffix(".md").name for path in pages} | made


def tool(name):
    spec = importlib.util.spec_from_file_location(f"tool_{name}", ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_catalogue_is_what_its_tool_makes():
    page = (ROOT / "docs" / "catalogue.md").read_text("utf-8")
    assert page == tool("catalogue").page(), "run tools/catalogue.py"


def test_the_page_of_the_rules_is_what_its_tool_makes():
    page = (ROOT / "docs" / "diagnosis.md").read_text("utf-8")
    assert page == tool("rules").page(), "run tools/rules.py"


def test_every_function_is_held_against_the_truth():
    known = tool("precision").truths()
    fixed = {name for name in activations.names() if activations.get(name).elementwise}
    # Pade is measured by the size of its terms, a step is exact, and this one is snake.
    assert fixed - set(known) == {"pade", "step", "trainable_snake"}


@pytest.mark.slow
def test_the_table_of_precision_is_what_its_tool_measures():
    page = (ROOT / "docs" / "functions.md").read_text("utf-8")
    rows = re.findall(
        r"^\| `(\w+)` \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", page, re.MULTILINE
    )
    precision = tool("precision")
    known = precision.truths()
    assert {name for name, *_ in rows} == set(known) & set(activations.names())
    for name, *stated in rows:
        for dtype, said in zip(precision.ULPS, stated, strict=True):
            found = precision.largest(name, known[name], dtype)
            # Another processor has other instructions for exp and a fused product.
            assert float(said) / 2 - 1 <= found <= 2 * float(said) + 1, (name, dtype, said, found)


@pytest.mark.parametrize(("ulps", "words"), [(0, "0"), (0.1, "0.5"), (9.6, "10"), (12.1, "13")])
def test_ulps_are_rounded_up(ulps, words):
    assert tool("precision").readable(ulps) == words


def test_the_notebook_says_how_long_it_is():
    text = NOTEBOOK.read_text("utf-8")
    cells = re.split(r"^# %%(.*)\n", text, flags=re.MULTILINE)[1:]
    code = [lines for kind, lines in zip(cells[::2], cells[1::2], strict=True) if not kind]
    lines = sum(bool(line.strip()) for cell in code for line in cell.splitlines())
    said = int(re.search(r"Here\s+#?\s*it\s+#?\s*has (\d+)", text)[1])
    assert said == lines


def test_the_notebook_types_no_published_number():
    text = NOTEBOOK.read_text("utf-8")
    figures = json.loads((PACKAGE / "tutorial" / "published.json").read_text("utf-8"))["figures"]
    for figure in figures:
        value = figure["value"]
        if isinstance(value, list):
            assert not re.search(r"[,\s]+".join(f"{each:g}" for each in value), text)
        else:
            assert f"{value:.4f}" not in text
            assert f"{value:.2%}"[:-1] not in text


RUN_NOTEBOOK = """
import json, runpy, sys
from actscope import tutorial
shown = runpy.run_path(sys.argv[1])
print(json.dumps(tutorial.to_json(shown["found"])))
"""


def run_notebook(folder: Path) -> tuple[list[str], dict[str, dict]]:
    """What it prints, and each published figure or claim that it has compared."""
    ran = subprocess.run(
        [sys.executable, "-c", RUN_NOTEBOOK, NOTEBOOK],
        cwd=folder, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    *printed, last = ran.stdout.splitlines()
    return printed, {figure["id"]: figure for figure in json.loads(last)["figures"]}


@pytest.mark.slow
@pytest.mark.usefixtures("data_folder")
def test_the_notebook_reproduces_what_the_tutorial_publishes(monkeypatch, tmp_path):
    monkeypatch.setenv("ACTSCOPE_OFFLINE", "1")
    printed, found = run_notebook(tmp_path)
    here = {name for name, network in tutorial.pretrained().items() if network.saved}
    networks = ["untrained", "deep", *(["trained"] if "relu" in here else [])]
    wanted = {f"{kind}.{each}" for kind in ("dead_neurons", "dead_percentage") for each in networks}
    wanted |= {f"test_accuracy.{name}" for name in here}
    numbers = {name: each for name, each in found.items() if not name.startswith("claim.")}
    assert {name for name, each in numbers.items() if each["status"] == "match"} == wanted
    assert {each["status"] for each in numbers.values()} <= {"match", "unavailable"}
    assert {f"{name}: match" for name in wanted} <= set(printed)
    assert found["claim.sigmoid_vanishing"]["holds"]
    assert "images: FashionMNIST" in printed


@pytest.mark.slow
def test_the_notebook_says_that_the_images_are_not_here(monkeypatch, tmp_path):
    monkeypatch.setenv("ACTSCOPE_OFFLINE", "1")
    for variable in ("ACTSCOPE_DATA", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    printed, found = run_notebook(tmp_path)
    assert "images: digits, since FashionMNIST CANNOT BE HAD HERE" in printed
    assert not found
    assert not [line for line in printed if "published   " in line]
