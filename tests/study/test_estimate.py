"""What a study is said to take, beside what a small one took."""

import pytest

from actscope.study import _calibrate, _engine
from actscope.study._estimate import Duration, estimate
from actscope.study._plan import plan
from actscope.study._programs import Programs
from actscope.study._specfile import spec

STUDY = {"dataset": "digits", "batch_size": 128, "epochs": 3, "seeds": 2}
AXES = {"hidden_sizes": [[16]], "learning_rate": [0.1, 0.2]}


def planned(axes=AXES, design=None, **study):
    return plan(spec({"study": {**STUDY, **study}, "axes": axes, "design": design or {}}))


@pytest.fixture(scope="module")
def small(tmp_path_factory, digits):
    """An estimate with a calibration, and the record of the study."""
    found, out = planned(), tmp_path_factory.mktemp("study") / "out"
    record = _engine.run(found, out)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_calibrate, "_SECONDS", 0.2)
        return estimate(found, {"digits": digits}), record


@pytest.mark.heavy
def test_the_record_is_as_large_as_was_said(small):
    found, record = small
    real = sum(shard.stat().st_size for shard in record.shards)
    assert real / 2 < found.disk < 2 * real


@pytest.mark.heavy
def test_the_record_has_as_many_members_and_parameters_as_was_said(small):
    found, record = small
    assert (found.compared, found.tuned) == (len(record.members), 0)
    assert found.parameters == (64 * 16 + 16 + 16 * 10 + 10,) * 2
    assert set(record.members["parameters"].to_pylist()) == set(found.parameters)


@pytest.mark.heavy
def test_a_calibration_gives_a_time_in_its_interval(small):
    duration = small[0].duration
    assert 0 < duration.low < duration.seconds < duration.high
    assert min(duration.errors) >= 0.1
    # Four members of three epochs of nine steps: longer than a processor's tick, less than a day.
    assert 1e-4 < duration.training < 86400


def test_an_interval_by_hand():
    duration = Duration(training=30.0, compilation=6.0, errors=(0.5, 0.2))
    assert duration.seconds == 36
    assert (duration.low, duration.high) == pytest.approx((20 + 5, 45 + 7.2))


def test_without_a_calibration_there_is_no_duration(digits):
    found = estimate(planned(), {"digits": digits}, calibrate=False)
    assert found.duration is None
    assert (found.combinations, found.groups, found.counted, found.devices) == (2, 1, 1, 1)
    assert found.warnings == (
        "2 seeds are few: ten are for a conclusion",
        "the exact test needs 6 seeds to reject anything in one comparison",
    )


def test_where_nothing_can_be_timed_that_is_said(digits, monkeypatch):
    monkeypatch.setattr(_calibrate, "calibrate", lambda _: None)
    found = estimate(planned(seeds=10), {"digits": digits})
    assert found.duration is None
    assert found.warnings[-1].startswith("how long it takes is not known")


def test_members_to_tune_and_to_compare_are_counted_apart(digits):
    design = {"tune": {"learning_rate": [0.1, 0.2, 0.3], "seeds": 4}}
    tuned = planned({"hidden_sizes": [[8], [16]]}, design, seeds=5)
    found = estimate(tuned, {"digits": digits}, calibrate=False)
    assert (found.tuned, found.compared, found.combinations) == (2 * 3 * 4, 2 * 5, 2)
    assert found.groups == 2
    assert found.parameters == (75 * 8 + 10, 75 * 16 + 10)
    each = [cost.flops(3) for cost in Programs.of(tuned, {"digits": digits}).costs.values()]
    assert found.flops == pytest.approx((3 * 4 + 5) * sum(each))


def test_memory_is_that_of_the_largest_program_on_every_device_beside_the_data(digits):
    found = estimate(planned({"hidden_sizes": [[16], [64]]}), {"digits": digits}, calibrate=False)
    parameters = 64 * 64 + 64 + 64 * 10 + 10
    weights = 4 * (4 * parameters + 1)  # they, the best, a gradient, its trace; and the step
    signals = 1000 * 4 * (64 + 64 + 64 + 10)
    device = 1248 * (64 + 4) + 9 * 128 * 4 + weights + signals
    host = (1248 + 249 + 300) * (64 + 4)
    assert (found.memory.device, found.memory.host) == (device, host + device)
