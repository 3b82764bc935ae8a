"""The walls of the house: imports only fall downward, files stay small, starting up is light."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "actscope"
TESTS = ROOT / "tests"
MODULES = sorted(PACKAGE.rglob("*.py"))
DOOR = {PACKAGE / "__init__.py", PACKAGE / "__main__.py"}  # may name any room, lazily

# Ground floor (0): the package's own `_files`. A room that is not here fails.
FLOORS = {
    "activations": 1,
    "data": 1,
    "stats": 1,
    "sites": 2,
    "theory": 2,
    "figures": 3,
    "pages": 3,
    "networks": 4,
    "probing": 4,
    "training": 4,
    "diagnosis": 5,
    "pytorch": 5,
    "study": 6,
    "answers": 7,
    "report": 8,
    "tutorial": 9,
    "cli": 10,
}
ROOMS = sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file())
HEAVY = {
    "jax",
    "jaxlib",
    "flax",
    "optax",
    "matplotlib",
    "scipy",
    "sklearn",
    "pooch",
    "safetensors",
    "vl_convert",
}


def name(path: Path) -> str:
    """How a test calls a file: its path below the repository."""
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def room_of(path: Path) -> str:
    """The room that a module stands in; empty on the ground floor and at the door."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def imports(path: Path) -> Iterator[str]:
    """What a module imports of actscope, dotted, wherever the statement stands in it."""
    for node in ast.walk(parsed(path)):
        match node:
            case ast.Import(names=names):
                found = [alias.name for alias in names]
            case ast.ImportFrom(module=module, level=0, names=names):
                found = [f"{module}.{alias.name}" for alias in names]
            case ast.ImportFrom():
                found = ["actscope.(a relative import)"]
            case _:
                continue
        yield from (what for what in found if what.split(".")[0] == "actscope")


def problem(path: Path, imported: str) -> str | None:
    """What is wrong with an import, if anything is."""
    here, (_, target, *_) = room_of(path), (*imported.split("."), "")
    if target in ("__version__", here) or target.startswith("_"):
        return None
    if target not in FLOORS:
        return "that is neither a room nor a file of the ground floor"
    if FLOORS[target] >= FLOORS.get(here, 0):
        return f"{target} is on floor {FLOORS[target]}, {here or 'this'} on {FLOORS.get(here, 0)}"
    return None


def test_every_room_has_its_floor():
    assert set(ROOMS) <= set(FLOORS)


@pytest.mark.heavy
@pytest.mark.parametrize("path", [p for p in MODULES if p not in DOOR], ids=name)
def test_imports_only_fall_downward(path):
    found = {what: problem(path, what) for what in imports(path)}
    assert not {what: wrong for what, wrong in found.items() if wrong}


@pytest.mark.parametrize(
    ("room", "imported", "wrong"),
    [
        ("probing", "actscope.networks._feed_forward.FeedForward", True),  # its own floor
        ("activations", "actscope.probing.Signal", True),  # a higher one
        ("figures", "actscope.probing.Site", True),  # a figure takes finished numbers
        ("study", "actscope.tutorial.published", True),  # the annexe
        ("networks", "actscope.get", True),  # through the door
        ("", "actscope.data.load", True),  # from the ground
        ("cli", "actscope.tutorial.reproduce", False),
        ("networks", "actscope.activations.get", False),
        ("networks", "actscope._errors.unknown", False),
        ("probing", "actscope.figures", False),
        ("data", "actscope.data._split.permutation", False),
    ],
)
def test_the_wall_is_seen(room, imported, wrong):
    assert bool(problem(PACKAGE / room / "_x.py", imported)) is wrong


def test_imports_are_found_wherever_they_stand(tmp_path):
    path = tmp_path / "x.py"
    path.write_text(
        "import jax\n"
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from actscope.a import b\n"
        "def f():\n    import actscope.c\n    from actscope import d\n    from . import e\n"
    )
    assert set(imports(path)) == {
        "actscope.a.b",
        "actscope.c",
        "actscope.d",
        "actscope.(a relative import)",
    }


@pytest.mark.heavy
def test_only_the_command_line_knows_the_tutorial():
    users = {room_of(p) for p in MODULES for what in imports(p) if what.startswith("actscope.tut")}
    assert users <= {"cli", "tutorial"}


def test_no_room_for_what_has_no_noun():
    homeless = {"utils", "util", "misc", "helpers", "helper", "common"}
    assert not [name(p) for p in PACKAGE.rglob("*") if p.stem.strip("_") in homeless]


def test_rooms_are_two_levels_deep_at_most():
    assert not [name(p) for p in MODULES if len(p.relative_to(PACKAGE).parts) > 2]


def test_files_are_small():
    files = [*MODULES, *TESTS.rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
    sizes = {name(p): len(p.read_text("utf-8").splitlines()) for p in files}
    assert not {path: size for path, size in sizes.items() if size > 300}


@pytest.mark.heavy
def test_functions_are_short():
    long = [
        f"{name(path)}:{node.lineno} {node.name}: {lines}"
        for path in MODULES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef) and (lines := body_lines(node)) > 40
    ]
    assert not long


def body_lines(function: ast.FunctionDef) -> int:
    """Lines of a function's body, its docstring left out."""
    first = function.body[1:] if ast.get_docstring(function) else function.body
    return function.body[-1].end_lineno - first[0].lineno + 1 if first else 0


def test_every_test_file_mirrors_a_module():
    special = {"test_docs.py", "test_house.py", "test_yard.py"}
    special |= {"test_cluster.py", "test_soak.py"}  # faults of what several modules do together
    tests = [p for p in TESTS.rglob("test_*.py") if p.name not in special]
    tests = [p for p in tests if p.parent.name != "fuzz"]  # by what is read, whoever reads it
    assert not [name(p) for p in tests if not mirrored(p).is_file()]


def mirrored(test: Path) -> Path:
    """tests/room/test_noun.py -> src/actscope/room/_noun.py; tests/tools/ -> tools/noun.py."""
    if test.parent.name == "tools":
        return ROOT / "tools" / test.name.removeprefix("test_")
    folder = PACKAGE / test.relative_to(TESTS).parent
    return folder / test.name.replace("test_", "_", 1)


@pytest.mark.heavy
def test_published_figures_are_read_by_one_module():
    readers = [name(p) for p in MODULES if "published.json" in strings(p)]
    assert len(readers) <= 1


def strings(path: Path) -> set[str]:
    """String constants of a module."""
    constants = (node.value for node in ast.walk(parsed(path)) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str)}


@pytest.mark.heavy
@pytest.mark.parametrize("path", MODULES, ids=name)
def test_jax_is_configured_in_scopes_only(path):
    tree = parsed(path)
    calls = [ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)]
    targets = [
        ast.unparse(t) for n in ast.walk(tree) if isinstance(n, ast.Assign) for t in n.targets
    ]
    assert not [call for call in calls if call.endswith("config.update")]
    assert not [target for target in targets if target.startswith("jax.config.")]


def heavy_after(code: str) -> set[str]:
    """The heavy libraries that a fresh interpreter has imported after running `code`."""
    report = "import sys; print('\\n' + ' '.join({name.split('.')[0] for name in sys.modules}))"
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    return HEAVY & set(ran.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("module", ["actscope", "actscope.cli", "actscope.data", "actscope.stats"])
def test_importing_is_light(module):
    assert heavy_after(f"import {module}") == set()


COMMAND = """
import sys
from actscope.cli import main
sys.argv = ["actscope", {argument!r}]
try:
    status = main()
except SystemExit as stop:
    status = stop.code
assert (status or 0) == {status}, status
"""


@pytest.mark.parametrize(("argument", "status"), [("--help", 0), ("--version", 0), ("trian", 2)])
def test_the_command_answers_without_jax(argument, status):
    assert heavy_after(COMMAND.format(argument=argument, status=status)) == set()
