"""A specification is read whole, or everything that is wrong with it is said."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from actscope._errors import ActscopeError
from actscope.study._axes import KEYS, canonical
from actscope.study._problems import SpecError
from actscope.study._specfile import read, spec

PAGE = (Path(__file__).parents[2] / "docs" / "studies.md").read_text("utf-8")


def problems(document, **options):
    with pytest.raises(SpecError) as caught:
        spec(document, **options)
    return caught.value.problems


def test_an_empty_specification_is_the_tutorial_with_ten_seeds():
    found = spec({})
    assert (found.name, found.seeds, found.epochs, found.patience) == (
        "study",
        (*range(10),),
        50,
        7,
    )
    assert found.document()["axes"] == {
        "activation": ["relu"],
        "hidden_sizes": [[512, 256, 256, 128]],
        "layer": ["dense"],
        "normalization": ["none"],
        "dropout": [0.0],
        "network": [None],
        "initialization": ["pytorch"],
        "dataset": ["fashion_mnist"],
        "task": ["classification"],
        "optimizer": ["sgd"],
        "learning_rate": [0.01],
        "momentum": [0.9],
        "weight_decay": [0.0],
        "schedule": ["constant"],
        "gradient_clip": [None],
        "batch_size": [256],
    }


def test_a_number_of_seeds_is_the_first_so_many():
    assert spec({"study": {"seeds": 3}}) == spec({"study": {"seeds": [0, 1, 2]}})
    assert spec({"study": {"seeds": [7, 2**32 - 1]}}).seeds == (7, 2**32 - 1)


@pytest.mark.parametrize(
    ("study", "expected"),
    [
        ({"sedes": 3}, "study.sedes: unknown key 'sedes'"),
        ({"name": "a/b"}, "study.name: got 'a/b'"),
        ({"name": "a."}, "study.name: got 'a.'"),
        ({"name": 3}, "study.name: got 3"),
        ({"epochs": -1}, "study.epochs: got -1"),
        ({"epochs": True}, "study.epochs: got True"),
        ({"patience": 0}, "study.patience: got 0"),
        ({"seeds": 0}, "study.seeds: got 0"),
        ({"seeds": []}, "study.seeds: no values"),
        ({"seeds": "3"}, "study.seeds: got '3'"),
        ({"seeds": [0, -1]}, "study.seeds[1]: got -1"),
        ({"seeds": [2**32]}, "study.seeds[0]: got 4294967296"),
        ({"seeds": [5, 1, 5]}, "study.seeds[2]: the same as study.seeds[0]"),
        ({"batch_size": 0}, "study.batch_size: got 0"),
        ({"dataset": ["digits", "minst"]}, "study.dataset[1]: unknown data set 'minst'"),
    ],
)
def test_a_problem_of_the_study_has_its_key_path(study, expected):
    (found,) = problems({"study": study})
    assert found.startswith(expected)


def test_an_unknown_section_and_one_that_is_no_table():
    found = problems({"axis": {}, "study": 3, "design": [1]})
    assert [text.partition(":")[0] for text in found] == ["axis", "study", "design"]
    assert "did you mean 'axes'?" in found[0]


def test_all_problems_are_said_at_once():
    found = problems(
        {
            "study": {"epochs": -3, "sedes": 2},
            "axes": {"optimizer": ["sgd", "adm"], "learning_rate": [], "activation": ["relu", 3]},
            "design": {"exclude": [{"optimizer": "sgd", "layr": "dense"}], "pairs": []},
        }
    )
    assert sorted(text.partition(":")[0] for text in found) == [
        "axes.activation[1]",
        "axes.learning_rate",
        "axes.optimizer[1]",
        "design.exclude[0].layr",
        "design.pairs",
        "study.epochs",
        "study.sedes",
    ]
    (adm,) = (text for text in found if text.startswith("axes.optimizer[1]"))
    assert adm.startswith("axes.optimizer[1]: unknown optimizer 'adm'; expected one of adabelief")
    assert adm.endswith("did you mean 'adam' or 'radam'?")


def test_more_members_than_allowed_are_counted_not_made():
    document = {
        "study": {"seeds": 2**32},
        "axes": {
            "learning_rate": [0.001 * (1 + i) for i in range(500)],
            "weight_decay": [0.001 * i for i in range(500)],
            "momentum": [i / 500 for i in range(500)],
        },
    }
    (found,) = problems(document)
    assert found.startswith(f"axes: {500**3 * 2**32:,} members, of {500**3:,} combinations")


def test_members_of_the_tuning_count():
    document = {
        "study": {"seeds": 4},
        "axes": {"activation": ["relu", "tanh"]},
        "design": {"tune": {"learning_rate": [0.1, 0.2, 0.3], "seeds": 2}},
    }
    assert spec(document, max_members=2 * 4 + 2 * 3 * 2).seeds == (0, 1, 2, 3)
    (found,) = problems(document, max_members=2 * 4 + 2 * 3 * 2 - 1)
    assert found.startswith("axes: 20 members")


def test_exclusions_leave_something_and_leave_something_out():
    axes = {"activation": ["relu", "tanh"], "optimizer": ["sgd", "adam"]}
    everything = [{"optimizer": "sgd"}, {"optimizer": "adam"}]
    (found,) = problems({"axes": axes, "design": {"exclude": everything}})
    assert found.startswith("design.exclude: excludes everything")
    walking = {
        "pair": [["activation", "optimizer"]],
        "exclude": [
            {"activation": "relu", "optimizer": "sgd"},
            {"activation": "relu", "optimizer": "adam"},
        ],
    }
    (found,) = problems({"axes": axes, "design": walking})
    assert found.startswith("design.exclude[1]: excludes nothing")


def test_a_study_that_tunes_leaves_the_seeds_of_tuning_alone():
    design = {"tune": {"learning_rate": [0.1, 0.2]}}
    (found,) = problems({"study": {"seeds": [1, 2**31]}, "design": design})
    assert found.startswith("study.seeds: seed 2147483648 in a study that tunes")
    assert spec({"study": {"seeds": [1, 2**31 - 1]}, "design": design}).tune
    assert spec({"study": {"seeds": [1, 2**31]}}).seeds == (1, 2**31)


DOCUMENTS = [
    {},
    {"study": {"name": "x", "dataset": ["digits", "mnist"], "seeds": [4, 1], "batch_size": 32}},
    {"axes": {"depth": [2, 6], "width": 64, "gradient_clip": ["none", 1], "activation": "silu"}},
    {
        "axes": {
            "optimizer": ["sgd", "adam", "lion"],
            "weight_decay": [0, 0.1, 0.1],
            "layer": ["dense", "residual"],
            "activation": [{"name": "leaky_relu", "negative_slope": 0.3}, "tanh"],
        },
        "design": {
            "pair": [["weight_decay", "optimizer"]],
            "exclude": [{"layer": "residual", "activation": "tanh"}],
            "tune": {"learning_rate": [0.01, 0.1], "on": "validation", "seeds": 2},
        },
    },
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_makes_its_specification_again(document):
    found = spec(document)
    again = spec(found.document())
    assert (again, again.hash) == (found, found.hash)
    assert json.loads(canonical(found.document())) == found.document()


def test_a_file_is_read(tmp_path):
    path = tmp_path / "depth.toml"
    path.write_text('[study]\nname = "depth"\nseeds = 2\n[axes]\nactivation = ["relu", "silu"]\n')
    document = {"study": {"name": "depth", "seeds": 2}, "axes": {"activation": ["relu", "swish"]}}
    assert read(path) == spec(document)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"[study]\nname = \n", "at line 2, column 8"),
        (b"[axes]\noptimizer = 'sgd'\noptimizer = 'adam'\n", "at line 3"),
        (b"a = '\xff'", "can't decode byte 0xff"),
        (b"a = " + b"[" * 10_000, "recursion"),
        (b"[study]\nepochs = -1\n", "study.epochs: got -1"),
    ],
)
def test_what_is_wrong_with_a_file_names_it(tmp_path, content, expected):
    path = tmp_path / "depth.toml"
    path.write_bytes(content)
    with pytest.raises(SpecError, match=rf"depth\.toml: .*{re.escape(expected)}"):
        read(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ActscopeError, match=r"no\.toml cannot be read \(No such file"):
        read(tmp_path / "no.toml")


def test_the_example_of_the_docs_is_a_specification(tmp_path):
    path = tmp_path / "study.toml"
    examples = re.findall(r"```toml\n(# study\.toml\n.*?)```", PAGE, re.DOTALL)
    path.write_text(examples[0])
    found = read(path)
    assert len(examples) == 1
    assert {len(levels) for levels in found.axes.values()} >= {1, 2, 3}
    assert found.pair
    assert found.exclude
    assert found.tune


def test_every_axis_stands_in_the_docs_with_its_default():
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", PAGE, re.MULTILINE))
    assert list(rows) == [*("name", "seeds", "epochs", "patience"), *KEYS]
    for name, axis in KEYS.items():
        if not axis.shorthand:
            (written,) = re.findall("`(.*)`", rows[name])
            value = tomllib.loads(f"value = {written}")["value"]
            assert axis.read(value) == axis.default


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"[axes]\nlearning_rate = 0x{'f' * 5000}", "axes.learning_rate: got int with a number of"),
        ("[axes]\nactivation = {" + "a." * 20_000 + "a = 1}", "a dotted key of more than 64 parts"),
        (
            "[axes]\nactivation = {" + '"a,\\"".' * 99 + "a = 1}",
            "a dotted key of more than 64 parts",
        ),
        ("#" * 2**24 + "\n", "more than 16,777,216 bytes"),
        ("[study]\nseeds = 4294967295", "4,294,967,295 members"),
        (f'[axes]\ndataset = "{"a" * 300}.npz"', "there is no file 'aaa"),
        ('[axes]\ndataset = "~nobody/a.npz"', "there is no file '~nobody/a.npz'"),
    ],
)
def test_what_would_take_too_long_or_break_is_refused(tmp_path, text, message):
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(SpecError, match=re.escape(message)):
        read(tmp_path / "a.toml")


def test_after_a_hundred_problems_the_rest_is_not_read():
    assert len(problems({"axes": {"dropout": ["x"] * 100_000}})) == 100


def test_depths_and_widths_that_cross_to_too_much_are_refused():
    shape = {"depth": [*range(1, 201)], "width": [*range(1, 201)]}
    (found,) = problems({"axes": shape}, max_members=10**12)
    assert found.startswith("axes.depth: networks of 4,020,000 layers together")
    pair = {"pair": [["depth", "width"]]}
    assert len(spec({"axes": shape, "design": pair}).levels("depth")) == 200


@pytest.mark.heavy
def test_exclusions_that_meet_in_too_many_ways_are_refused():
    names = ("learning_rate", "weight_decay", "momentum", "dropout", "batch_size", "gradient_clip")
    many = {
        name: [(1 + i) / (1 if name == "batch_size" else 1000) for i in range(99)] for name in names
    }
    many["batch_size"] = [*range(1, 100)]
    pairs = zip(names, reversed(names), strict=True)
    exclude = [{a: many[a][i], b: many[b][i]} for a, b in [*pairs][:3] for i in range(99)]
    (found,) = problems({"axes": many, "design": {"exclude": exclude}})
    assert found.startswith(f"design.exclude: exclusions from {99**6:,} combinations")
    (found,) = problems({"axes": many, "design": {"exclude": exclude}}, max_members=10**15)
    assert "297 exclusions that meet in too many ways" in found


def test_so_many_seeds_as_fit_in_no_memory_are_refused():
    (found,) = problems({"study": {"seeds": 2**31}}, max_members=10**12)
    assert found.startswith("study.seeds: 2,147,483,648 seeds; expected at most 10,000,000")
