"""What is said of a layer, against the rows of the record one by one."""

import math

import numpy as np
import pytest
from scipy import stats

from actscope import answers, study
from actscope.answers import layers
from actscope.study import Record

pytestmark = pytest.mark.heavy

SPEC = {
    "study": {"name": "s", "dataset": "digits", "seeds": 3, "epochs": 4, "patience": 2},
    "axes": {"activation": ["relu", "sigmoid"], "depth": [1, 3], "width": 8, "learning_rate": 0.5},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("layers") / "study"
    study.run(study.plan(study.spec(SPEC)), place)
    return place


@pytest.fixture(scope="module")
def found(folder):
    (answer,) = answers.answers(folder)
    return layers(answer.settings, Record.open(folder), epochs=3)


def rows(folder, layer):
    """Of each seed the row of the layer's epoch, or of the last one that it had."""
    wanted = layer.setting.axes | {"site": f"layers.{layer.layer - 1}"}
    known = [
        row
        for row in Record.open(folder).sites.to_pylist()
        if all(row[name] == value for name, value in wanted.items())
    ]
    early = [row for row in known if row["epoch"] <= layer.epoch]
    last = {seed: max(r["epoch"] for r in early if r["seed"] == seed) for seed in range(3)}
    return sorted(
        (row for row in early if row["epoch"] == last[row["seed"]]), key=lambda row: row["seed"]
    )


def test_every_layer_and_the_last_epoch_are_there(found):
    assert len(found) == 2 * (1 + 3) * 3
    assert {each.epoch for each in found} == {1, 2, 4}


def test_the_numbers_are_those_of_the_record(found, folder):
    for each in found:
        seen = rows(folder, each)
        assert len(seen) == 3
        logs = np.log([row["gradient_rms"] for row in seen])
        width = stats.t.ppf(0.975, 2) * logs.std(ddof=1) / math.sqrt(3)
        assert each.gradient.mean == pytest.approx(math.exp(logs.mean()))
        assert each.gradient.high == pytest.approx(math.exp(logs.mean() + width))
        moments = [row["pre_mean"] ** 2 + row["pre_variance"] for row in seen]
        assert each.second_moment.mean == pytest.approx(stats.gmean(moments))
        assert each.dead.mean == pytest.approx(np.mean([row["dead"] / 8 for row in seen]))
        for prefix, bars in (("", each.pre), ("post_", each.post), ("gradient_", each.back)):
            ends = seen[0][f"{prefix}low"], seen[0][f"{prefix}high"]
            assert (bars.low, bars.high) == ends
            assert bars.counts == tuple(seen[0][f"{prefix}histogram"])


def mask(row):
    bits = np.unpackbits(np.frombuffer(row["dead_mask"], np.uint8), count=row["units"])
    return bits.astype(bool)


def test_units_that_woke_are_counted_one_by_one(found, folder):
    sites = Record.open(folder).sites.to_pylist()
    some = 0
    for each in found:
        wanted = each.setting.axes | {"site": f"layers.{each.layer - 1}"}
        woken = []
        for seed in range(3):
            seen = {
                row["epoch"]: mask(row)
                for row in sites
                if row["seed"] == seed and all(row[k] == v for k, v in wanted.items())
            }
            known = [dead for epoch, dead in seen.items() if epoch <= each.epoch]
            units = range(len(known[-1]))
            woken.append(sum(any(d[u] for d in known) and not known[-1][u] for u in units) / 8)
        some += sum(woken) > 0
        assert each.woken.mean == pytest.approx(np.mean(woken))
    assert some


def test_a_setting_that_averages_cells_has_no_layers(folder):
    (answer,) = answers.answers(folder, by=["activation"])
    assert layers(answer.settings, Record.open(folder), epochs=3) == ()


def test_of_many_networks_the_lowest_seeds_are_looked_into(folder, found):
    (answer,) = answers.answers(folder)
    few = layers(answer.settings, Record.open(folder), epochs=3, seeds=2)
    assert [(each.layer, each.epoch) for each in few] == [
        (each.layer, each.epoch) for each in found
    ]
    for some, every in zip(few, found, strict=True):
        shares = [row["dead"] / row["units"] for row in rows(folder, every)[:2]]
        assert some.dead.n == 2
        assert some.dead.mean == pytest.approx(np.mean(shares))
        assert some.pre == every.pre  # of the lowest seed
