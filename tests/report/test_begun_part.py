"""What was wrong before training stands beside what came of it."""

import pytest

from actscope import answers, study
from actscope.answers import begun
from actscope.pages import Table, brief
from actscope.report._begun_part import before_training
from actscope.study import Record

pytestmark = pytest.mark.heavy

SPEC = {
    "study": {"name": "s", "dataset": "digits", "seeds": 1, "epochs": 1},
    "axes": {
        "activation": ["sigmoid", "relu"],
        "hidden_sizes": [[16] * 8],
        "initialization": ["pytorch", "he_normal"],
        "learning_rate": [0.01, 0.1],
    },
}


def test_a_deep_sigmoid_begins_with_a_vanishing_gradient(tmp_path):
    study.run(study.plan(study.spec(SPEC)), tmp_path)
    (answer,) = answers.answers(tmp_path)
    record = Record.open(tmp_path)
    found = dict(
        zip((each.label for each in answer.settings), begun(answer.settings, record), strict=True)
    )
    rules = {label: {each.rule for each in some} for label, some in found.items()}
    assert "vanishing_gradient" in rules["sigmoid · pytorch · 0.1"]
    # He's variance is made for relu.
    assert "vanishing_gradient" not in rules["relu · he_normal · 0.1"]
    # How it is trained makes no difference before it is.
    assert found["sigmoid · pytorch · 0.1"] is found["sigmoid · pytorch · 0.01"]
    (part,) = before_training(answer, record, brief(["sigmoid", "relu"]))
    (table,) = (block for block in part.blocks if isinstance(block, Table))
    assert len(table.rows) == 8
    bad = sum(map(bool, found.values()))
    assert part.finding.startswith(f"{bad} of 8 settings began with something wrong")
    assert begun(answers.answers(tmp_path, by=["activation"])[0].settings, record) == (None, None)
