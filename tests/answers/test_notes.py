"""What must be known of the numbers is said by name."""

from actscope import answers

DOCUMENT = {
    "study": {"seeds": 3, "dataset": "digits"},
    "axes": {"activation": ["relu", "tanh"], "depth": [2, 4], "width": 8},
}


def told(make_study, score, document=None, **asked):
    (answer,) = answers.answers(make_study(document or DOCUMENT, score), **asked)
    return answer.notes


def place(member):
    return member.settings["activation"], len(member.settings["hidden_sizes"]), member.seed


def test_what_is_whole_has_one_note(make_study, noise):
    notes = told(make_study, lambda m: 0.8 + noise(m) / 100)
    way = "nine tenths of the way from guessing to the best setting"
    assert notes == (f"the target is a validation score of 74 %, {way}",)
    (note,) = told(make_study, lambda m: 0.8 + noise(m), target=0.5)
    assert note == "the target is a validation score of 50 %"


def test_members_that_are_missing_or_diverged_are_named(make_study, noise):
    late = {("tanh", 4, 1), ("tanh", 4, 2), ("relu", 4, 0), ("relu", 4, 1), ("relu", 4, 2)}

    def score(member):
        if place(member) in late:
            return ...
        return None if place(member) == ("relu", 2, 1) else 0.8 + noise(member)

    notes = told(make_study, score)
    assert notes[:2] == (
        "5 of 12 networks not finished: relu at depth 4; tanh at depth 4 (seeds 1, 2)",
        "1 of 7 networks diverged and count at chance level: relu at depth 2 (seed 1)",
    )


def test_what_the_design_excludes_is_named_and_not_missing(make_study, noise):
    document = {**DOCUMENT, "design": {"exclude": [{"activation": "tanh", "depth": 4}]}}
    notes = told(make_study, lambda m: 0.8 + noise(m), document)
    assert notes[0] == "1 of 4 combinations excluded by the design: tanh at depth 4"
    assert not any("not finished" in note for note in notes)
    notes = told(make_study, lambda m: 0.8 + noise(m), document, by=["activation"])
    assert "each score is at one combination of depth: depth 2" in notes
    assert "left out of every score, as not all settings have them: depth 4" in notes


def test_averages_say_over_what(make_study, noise):
    def score(member):
        late = member.settings["activation"] == "tanh" and place(member)[1] == 4
        return ... if late else 0.8 + noise(member)

    notes = told(make_study, score, by=["activation"])
    assert (
        "each score is the mean, within one seed, over 2 combinations of depth; n counts seeds"
        in (notes)
    )
    assert "no seed has all of depth yet: tanh" in notes


def test_one_seed_is_no_conclusion(make_study, noise):
    document = {**DOCUMENT, "study": {"seeds": 1, "dataset": "digits"}}
    notes = told(make_study, lambda m: 0.8 + noise(m), document)
    assert "one seed gives no interval: nothing can be concluded from it" in notes
    assert any(note.startswith("which factor matters cannot be told: ") for note in notes)


def test_each_data_set_has_its_target(make_study):
    document = {**DOCUMENT, "study": {"seeds": 2, "dataset": ["digits", "kmnist", "cifar10"]}}
    scores = {"digits": 0.88, "kmnist": 0.08, "cifar10": 0.49}
    notes = told(make_study, lambda m: scores[m.settings["dataset"]], document)
    way = "nine tenths of the way from guessing to the best setting"
    # 0.1 + 0.9·0.8 and 0.01 + 0.9·0.5
    assert f"the target is a validation score of 82 % on digits, 46 % on cifar10, {way}" in notes
    assert "nothing has learned enough to speak of its speed: kmnist" in notes


def test_data_sets_that_cannot_be_ranked_on_are_named(make_study, noise):
    document = {**DOCUMENT, "study": {"seeds": 2, "dataset": ["digits", "kmnist", "cifar10"]}}

    def score(member):
        settings = member.settings
        late = (settings["dataset"], settings["activation"]) == ("kmnist", "tanh")
        return ... if late else 0.8 + noise(member)

    notes = told(make_study, score, document)
    assert "left out of the ranks, as some activation has no score there: kmnist" in notes
