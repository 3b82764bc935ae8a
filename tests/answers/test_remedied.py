"""What helps a study's networks is tried on those with something wrong, an activation at a time."""

import pytest

from actscope import answers, study
from actscope.answers import begun, remedied
from actscope.diagnosis import Remedies
from actscope.study import Record

pytestmark = pytest.mark.heavy

SPEC = {
    "study": {"name": "s", "dataset": "digits", "seeds": 1, "epochs": 1},
    "axes": {
        "activation": ["sigmoid", "tanh"],
        "hidden_sizes": [[16] * 8, [16] * 9],
        "learning_rate": [0.01, 0.1],
    },
}


@pytest.fixture(scope="module")
def studied(tmp_path_factory):
    place = tmp_path_factory.mktemp("study")
    study.run(study.plan(study.spec(SPEC)), place)
    (answer,) = answers.answers(place)
    return answer.settings, Record.open(place)


@pytest.fixture
def recipes(monkeypatch):
    """The recipe of each network for which remedies were asked; none is trained."""
    met = []

    def remedy(saved, dataset, profile, **options):
        met.append((saved.notes["identity"]["recipe"], [each.rule for each in profile.findings]))
        options["watch"]("a change")
        return Remedies((), None, ())

    monkeypatch.setattr(study, "remedy", remedy)
    return met


def test_one_of_each_activation_comes_first(studied, recipes):
    settings, record = studied
    found = begun(settings, record)
    assert {
        each.levels["activation"] for each, some in zip(settings, found, strict=True) if some
    } == {*("sigmoid", "tanh")}
    tried = remedied(settings, record, most=2)
    assert [each.setting.levels["activation"] for each in tried.cures] == ["sigmoid", "tanh"]
    assert tried.kinds == 4  # a learning rate makes no other kind
    assert len(recipes) == 2


def test_the_recipe_is_that_of_the_setting_that_validates_best(studied, recipes):
    settings, record = studied
    told = []
    tried = remedied(settings, record, observe=lambda *names: told.append(names))
    for cure, (recipe, rules) in zip(tried.cures, recipes, strict=True):
        axes = ("activation", "hidden_sizes")
        alike = [
            each for each in settings if all(each.axes[x] == cure.setting.axes[x] for x in axes)
        ]
        assert cure.setting is max(alike, key=lambda each: each.validation[0])
        assert recipe["learning_rate"] == cure.setting.axes["learning_rate"]
        assert cure.rules == tuple(dict.fromkeys(rules))
    assert told == [(each.setting.label, "a change") for each in tried.cures]
