"""A published study answers as the whole one does."""

import json

import pytest

from actscope import answers, study
from actscope.report import study_page
from actscope.study import Record

pytestmark = pytest.mark.heavy

SPEC = {
    "study": {"name": "s", "dataset": "digits", "seeds": 2, "epochs": 2},
    "axes": {"activation": ["relu", "tanh"], "depth": [1, 2], "width": 8},
    "design": {"tune": {"learning_rate": [0.01, 0.1], "on": "validation", "seeds": 1}},
}


@pytest.fixture(scope="module")
def both(tmp_path_factory, publish):
    folder = tmp_path_factory.mktemp("studies") / "whole"
    study.run(study.plan(study.spec(SPEC)), folder, command=f"actscope study run --out {folder}")
    published = folder.parent / "published"
    publish.publish(folder, published)
    return folder, published


def test_the_answers_are_the_same(both):
    documents = [answers.document("s", answers.answers(each)) for each in both]
    assert json.dumps(documents[0], sort_keys=True) == json.dumps(documents[1], sort_keys=True)


def test_histograms_of_the_first_seed_stay(both):
    fields = ["post_histogram", "dead", "gradient_rms"]
    whole, light = (
        {(row["id"], row["site"], row["epoch"]): row for row in record.to_pylist()}
        for record in (
            Record.open(each).where(phase="compare").monitors("sites", fields) for each in both
        )
    )
    assert whole.keys() == light.keys()
    for name, row in light.items():
        kept = whole[name] if row["seed"] == 0 else whole[name] | {"post_histogram": None}
        assert row == kept


def test_its_page_is_that_of_the_whole(both):
    pages = [study_page(each, answers.answers(each)) for each in both]
    for one, other in zip(*(page.parts for page in pages), strict=True):
        if one.title != "Method":  # which says where it comes from
            assert [getattr(block, "rows", block) for block in one.blocks] == [
                getattr(block, "rows", block) for block in other.blocks
            ]


def test_it_says_where_it_is_from_but_no_place(both):
    folder, published = both
    (source,) = Record.open(published).provenance.values()
    assert source["command"] == "actscope study run --out DIR"
    content = b"".join(path.read_bytes() for path in published.rglob("*") if path.is_file())
    assert str(folder).encode() not in content
