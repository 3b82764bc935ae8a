import pytest

from actscope.report._strata import by_dataset, heads, labelled, one_by_one, strata, together

TEXT = """
[study]
name = "s"
dataset = "digits"
seeds = 2
epochs = 2
[axes]
activation = ["relu", "tanh"]
depth = [2, 8]
width = 8
learning_rate = [0.01, 0.1]
"""


def numbers(*sizes) -> dict[str, dict[str, int]]:
    """Strata of these sizes."""
    return {f"s{i}": {f"t{j}": 100 * i + j for j in range(size)} for i, size in enumerate(sizes)}


def test_strata_are_the_combinations_of_the_other_factors_with_their_names(answered):
    (answer,) = answered(TEXT)
    found = strata(answer)
    assert list(found) == [
        f"depth {depth}, learning_rate {rate}" for depth in (2, 8) for rate in (0.01, 0.1)
    ]
    for head, rows in found.items():
        assert list(rows) == ["relu", "tanh"]
        for name, setting in rows.items():
            levels = [setting.levels[axis] for axis in ("depth", "learning_rate")]
            assert setting.levels["activation"] == name
            assert head == "depth {}, learning_rate {}".format(*levels)
    assert set(heads(answer).values()) == set(found)
    assert set(answer.comparisons.strata) == set(heads(answer))


def test_labels_stand_stratum_by_stratum(answered):
    (answer,) = answered(TEXT)
    found = labelled(answer.settings)
    assert list(found)[:3] == ["relu, 2, 0.01", "tanh, 2, 0.01", "relu, 2, 0.1"]
    assert all(list(s.levels.values()) == label.split(", ") for label, s in found.items())
    assert list(by_dataset(answer)) == [""]


def test_a_study_in_which_nothing_differs_has_one_setting(answered):
    (answer,) = answered(TEXT.partition("[axes]")[0])
    assert list(strata(answer)) == [""]
    assert list(strata(answer)[""]) == list(labelled(answer.settings)) == ["all"]


@pytest.mark.parametrize("sizes", [(), (1,), (5, 5), (13,), (3, 14, 2), (40, 1, 39, 2)])
@pytest.mark.parametrize("paged", [one_by_one, together])
def test_pages_hold_everything_once_and_in_order(sizes, paged):
    found = numbers(*sizes)
    pages = paged(found, 6)
    everything = [value for rows in found.values() for value in rows.values()]
    assert everything == [v for page in pages for rows in page.values() for v in rows.values()]
    for page in pages:
        assert 0 < sum(map(len, page.values())) <= 6
        assert all(found[head].items() >= rows.items() for head, rows in page.items())


def test_strata_share_a_page_only_where_they_may():
    found = numbers(2, 3, 2, 7)
    assert [list(page) for page in together(found, 6)] == [["s0", "s1"], ["s2", "s3"], ["s3"]]
    assert [list(page) for page in one_by_one(found, 6)] == [["s0"], ["s1"], ["s2"], ["s3"], ["s3"]]


def test_parts_of_a_stratum_are_of_about_the_same_size():
    assert [len(page["s0"]) for page in one_by_one(numbers(13), 12)] == [6, 7]
