import math
import sys

import pytest

from actscope._errors import ActscopeError
from actscope._target import is_target, load_target


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, from which modules can be imported and are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_a_target_is_what_has_a_colon():
    assert is_target("math:sin")
    assert not is_target("relu")


def test_the_named_callable_is_loaded():
    assert load_target("math:sin") is math.sin
    assert load_target("os.path:join")("a", "b") == "a/b"
    assert load_target("pathlib:Path.cwd")() is not None


def test_modules_in_the_current_folder_are_found(folder):
    (folder / "target_near.py").write_text("import target_sibling\ndef f(): return 7\n")
    (folder / "target_sibling.py").write_text("")
    path = list(sys.path)
    assert load_target("target_near:f")() == 7
    assert sys.path == path


def test_installed_modules_come_before_those_of_the_current_folder(folder):
    (folder / "colorsys.py").write_text("def rgb_to_hls(): pass\n")
    assert not load_target("colorsys:rgb_to_hls").__code__.co_filename.startswith(str(folder))


@pytest.mark.parametrize("text", ["math:", ":sin", "math:sin:cos", "a b:c", "math:1st", "../x:f"])
def test_other_forms_are_refused(text):
    with pytest.raises(ActscopeError, match=r"is not a target; expected package\.module:callable"):
        load_target(text)


def test_a_module_that_is_not_there(folder):
    with pytest.raises(ActscopeError, match=r"ModuleNotFoundError.* is the module in the current"):
        load_target("target_missing:f")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("raise ValueError('my own')", "'target_broken' raised ValueError: my own"),
        ("import sys; sys.exit(3)", "'target_broken' raised SystemExit: 3"),
        ("def f(:", "'target_broken' raised SyntaxError"),
    ],
)
def test_a_module_that_cannot_be_imported(folder, source, message):
    (folder / "target_broken.py").write_text(source)
    with pytest.raises(ActscopeError, match=message):
        load_target("target_broken:f")
    assert str(folder) not in sys.path


def test_a_missing_attribute_comes_with_its_neighbours():
    with pytest.raises(ActscopeError, match=r"attribute of 'math' 'sinn'.*did you mean 'sin"):
        load_target("math:sinn")


def test_what_cannot_be_called_is_refused():
    with pytest.raises(ActscopeError, match="'math:pi' is a float; expected a callable"):
        load_target("math:pi")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "def __getattr__(name): raise RuntimeError('my own')",
            "for 'f' raised RuntimeError: my o",
        ),
        ("import sys; sys.path.pop()", "unknown attribute of 'target_odd' 'f'"),
    ],
)
def test_a_module_that_does_odd_things(folder, source, message):
    (folder / "target_odd.py").write_text(source)
    path = list(sys.path)
    with pytest.raises(ActscopeError, match=message):
        load_target("target_odd:f")
    assert sys.path == path
