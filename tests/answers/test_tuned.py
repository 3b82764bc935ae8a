"""What was chosen for each setting, from the record alone."""

import pytest

from actscope import answers, study
from actscope.answers._tuned import Tuned, together, tuned

BEST = {("relu", 2): 0.1, ("relu", 4): 0.01, ("tanh", 2): 0.03, ("tanh", 4): 0.03}
DOCUMENT = {
    "study": {"seeds": 3, "dataset": "digits"},
    "axes": {"activation": ["relu", "tanh"], "depth": [2, 4], "width": 8},
    "design": {
        "tune": {"learning_rate": [0.01, 0.03, 0.1], "gradient_clip": ["none", 1], "seeds": 2}
    },
}


def score(member):
    settings = member.settings
    best = BEST[settings["activation"], len(settings["hidden_sizes"])]
    return (
        0.8 - (settings["learning_rate"] != best) * 0.1 - (settings["gradient_clip"] is None) * 0.1
    )


@pytest.fixture
def folder(make_study):
    return make_study(DOCUMENT, score)


def test_every_compared_member_has_the_best_values(folder):
    spec, members = study.read(folder / "study.toml"), study.Record.open(folder).members
    found = tuned(members, spec.tune)
    rows = {row["id"]: row for row in members.to_pylist() if row["phase"] == "compare"}
    assert found.keys() == rows.keys()
    for name, row in rows.items():
        rate = BEST[row["activation"], row["depth"]]
        assert found[name].values == {"learning_rate": rate, "gradient_clip": "1.0"}
        assert found[name].at_edge == (() if rate == 0.03 else ("learning_rate",))


def test_a_study_that_tunes_nothing_has_no_choice(make_study):
    folder = make_study({"study": {"dataset": "digits", "seeds": 1}}, lambda _: 0.5)
    assert tuned(study.Record.open(folder).members, None) == {}
    (answer,) = answers.answers(folder)
    assert answer.settings[0].tuned == ()


def test_a_setting_says_what_it_got(folder):
    (answer,) = answers.answers(folder)
    found = {tuple(s.axes.values()): s.tuned for s in answer.settings}
    assert found["relu", 4] == (
        Tuned({"learning_rate": 0.01, "gradient_clip": "1.0"}, ("learning_rate",)),
    )
    assert answer.by == ("activation", "depth")
    edge = "the best learning_rate is the smallest or the largest that was tried"
    assert [note for note in answer.notes if note.startswith(edge)] == [
        f"{edge}, so that a better one may lie beyond: of relu at depth 2; relu at depth 4"
    ]


def test_an_averaged_setting_says_what_its_cells_got(folder):
    (answer,) = answers.answers(folder, by=["activation"])
    relu, tanh = (setting.tuned for setting in answer.settings)
    assert [(one.values["learning_rate"], one.cells) for one in relu] == [(0.1, 1), (0.01, 1)]
    assert [(one.values["learning_rate"], one.cells) for one in tanh] == [(0.03, 2)]


def test_the_most_frequent_choice_stands_first():
    one, other = Tuned({"momentum": 0.5}, ()), Tuned({"momentum": 0.9}, ("momentum",))
    assert together([one, other, other]) == (
        Tuned({"momentum": 0.9}, ("momentum",), 2),
        Tuned({"momentum": 0.5}, (), 1),
    )


@pytest.mark.parametrize(("dataset", "rate"), [("digits", 0.2), ("cifar10", 0.1)])
def test_a_training_that_failed_counts_at_the_chance_of_its_data(make_study, dataset, rate):
    def score(member):
        if member.settings["learning_rate"] == 0.1:
            return 0.47  # 0.49 on validation; the other has (0.92 + chance)/2: 0.51 or 0.465
        return None if member.seed % 2 else 0.9

    document = {
        "study": {"seeds": 2, "dataset": dataset},
        "design": {"tune": {"learning_rate": [0.1, 0.2], "seeds": 2}},
    }
    (answer,) = answers.answers(make_study(document, score))
    assert answer.settings[0].tuned[0].values == {"learning_rate": rate}
