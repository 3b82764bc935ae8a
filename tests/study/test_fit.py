"""Settings that cannot be in one member are found before anything is trained."""

import sys
from types import ModuleType

import numpy as np
import pytest

from actscope.data import Dataset, Normalization, Split
from actscope.study._fit import check
from actscope.study._problems import SpecError
from actscope.study._specfile import spec

_PLAIN = Normalization(1.0, 0.0, 1.0)


def dataset(name, shape, examples):
    part = Split(np.zeros((examples, *shape), np.uint8), np.zeros(examples, np.int32))
    return Dataset(name, part, part, part, ("a", "b"), _PLAIN, {})


@pytest.fixture
def datasets(tmp_path):
    path = tmp_path / "rows.npz"
    path.touch()
    known = {str(path): dataset("rows", (64,), 100), "digits": dataset("digits", (8, 8), 200)}
    return {**known, "cifar10": dataset("cifar10", (32, 32, 3), 300)}


def problems(datasets, axes, design=None):
    found = spec({"axes": {"dataset": list(datasets), **axes}, "design": design or {}})
    with pytest.raises(SpecError, match=r"^depth\.toml: ") as caught:
        check(found, datasets, source="depth.toml")
    return [problem.split(": ", 1) for problem in caught.value.problems]


def is_fine(datasets, axes, design):
    check(spec({"axes": {"dataset": list(datasets), **axes}, "design": design}), datasets)
    return True


def test_a_convolution_wants_images(datasets):
    rows, *_ = datasets
    axes = {"layer": ["dense", "convolution"], "batch_size": 10}
    ((place, text),) = problems(datasets, axes)
    assert place == "axes.layer[1]"
    assert text.startswith(f"convolution with the data set {rows}; expected images")
    exclude = [{"layer": "convolution", "dataset": rows}]
    assert is_fine(datasets, axes, {"exclude": exclude})


def test_a_batch_is_no_larger_than_the_training_set(datasets):
    found = problems(datasets, {"batch_size": [10, 200, 201]})
    assert [place for place, _ in found] == [f"axes.batch_size[{i}]" for i in (1, 2, 2)]
    assert "200 with the data set" in found[0][1]
    assert found[2][1].startswith("201 with the data set digits; expected at most its 200 training")
    tuned = problems(datasets, {}, {"tune": {"batch_size": [10, 201]}})
    assert [place for place, _ in tuned] == ["design.tune.batch_size[1]"] * 2


def test_what_never_meets_is_no_problem(datasets):
    walking = {"batch_size": [100, 200, 300]}
    assert is_fine(datasets, walking, {"pair": [["dataset", "batch_size"]]})
    backwards = {"batch_size": [300, 200, 100]}
    ((place, _),) = problems(datasets, backwards, {"pair": [["dataset", "batch_size"]]})
    assert place == "axes.batch_size[0]"


def test_an_initialiser_wants_a_scale(datasets, monkeypatch):
    module = ModuleType("own")
    module.nothing = lambda x: 0 * x
    monkeypatch.setitem(sys.modules, "own", module)
    axes = {
        "batch_size": 10,
        "activation": ["relu", "own:nothing"],
        "initialization": ["pytorch", "critical"],
    }
    ((place, text),) = problems(datasets, axes)
    assert place == "axes.initialization[1]"
    assert text.startswith("critical: E[f'²] of own:nothing is 0 ")
