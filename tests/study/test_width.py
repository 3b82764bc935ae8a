"""How wide is found by measuring: here by a clock of our own, but for the last test."""

import json
from types import SimpleNamespace

import pytest

from actscope.study import _width
from actscope.study._width import Widths, fastest, steps_a_second
from actscope.training import Epoch, History, Progress


@pytest.fixture
def rates(monkeypatch):
    """What `fastest` measures, by the number of lanes; and what it has asked for."""
    table, asked = {}, []

    def rate(job, lanes, device):
        asked.append(lanes)
        if isinstance(table[lanes], Exception):
            raise table[lanes]
        return table[lanes]

    monkeypatch.setattr(_width, "steps_a_second", rate)
    return table, asked


@pytest.mark.parametrize(
    ("found", "most", "best", "tried"),
    [
        ({1: 100, 4: 390, 16: 1200, 64: 1319}, 1024, 16, [1, 4, 16, 64]),  # 9.9 % more
        ({1: 100, 4: 390, 16: 1200, 64: 1321, 256: 1000}, 1024, 64, [1, 4, 16, 64, 256]),
        ({1: 100, 4: 90}, 1024, 1, [1, 4]),
        ({1: 100, 4: 400, 10: 900}, 10, 10, [1, 4, 10]),
        ({1: 100, 4: 400, 5: 430}, 5, 4, [1, 4, 5]),
        ({1: 100}, 1, 1, [1]),
        ({1: 0, 4: 0}, 1024, 1, [1, 4]),  # nothing can be trained
        ({1: 100, 4: 400, 16: RuntimeError("RESOURCE_EXHAUSTED: memory")}, 64, 4, [1, 4, 16]),
    ],
)
def test_it_stops_where_more_gains_less_than_a_tenth(make_job, rates, found, most, best, tried):
    table, asked = rates
    table.update(found)
    assert fastest(make_job(), None, most=most) == best
    assert asked == tried


def test_another_error_passes(make_job, rates):
    rates[0].update({1: 100, 4: RuntimeError("INTERNAL: something else")})
    with pytest.raises(RuntimeError, match="something else"):
        fastest(make_job(), None, most=16)


GPU, CPU = SimpleNamespace(platform="gpu"), SimpleNamespace(platform="cpu")


def test_a_width_is_measured_once_a_program_and_kept(make_job, tmp_path, monkeypatch):
    asked = []

    def measure(job, device, *, most):
        asked.append((job.recipe.momentum, most))
        return 3 + len(asked)

    monkeypatch.setattr(_width, "fastest", measure)
    jobs = [make_job(momentum=momentum) for momentum in (0.1, 0.2)]
    widths = Widths(tmp_path / "lanes.json")
    assert [widths.of(program, jobs, GPU) for program in ("a", "b", "a")] == [4, 5, 4]
    assert asked == [(0.1, 2), (0.1, 2)]  # no wider than there are members
    assert json.loads((tmp_path / "lanes.json").read_text()) == {"a": 4, "b": 5}
    assert Widths(tmp_path / "lanes.json").of("b", jobs, GPU) == 5
    assert len(asked) == 2
    assert Widths(tmp_path / "others.json").of("b", jobs * 1000, GPU) == 6
    assert asked[-1] == (0.1, 1024)


def test_a_cpu_has_one_and_nothing_is_measured(make_job, rates, tmp_path):
    assert Widths(tmp_path / "lanes.json").of("a", [make_job()], CPU) == 1
    assert not rates[1]
    assert not list(tmp_path.iterdir())


@pytest.fixture
def clock(monkeypatch):
    """A clock that is put on by hand."""
    clock = SimpleNamespace(now=0.0)
    clock.perf_counter = lambda: clock.now
    monkeypatch.setattr(_width, "time", clock)
    return clock


def test_what_is_compiled_in_the_first_epoch_is_not_timed(make_job, monkeypatch, clock):
    def train(jobs, *, lanes, observe, watch, device):
        history, epoch = History(), 1
        while True:
            for step in (16, 20):
                clock.now += 0.1
                for lane in range(lanes):
                    watch(lane, Progress(epoch, 99, step, 20, 0.1, history))
            clock.now += 60 if epoch == 1 else 0.05
            history = History((*history.epochs, Epoch(epoch, 1, 1, 1, 1, 0.25)))
            for lane in range(lanes):
                watch(lane, Progress(epoch, 99, 20, 20, 0.25, history))
            epoch += 1
        yield

    monkeypatch.setattr(_width, "fit_all", train)
    # 20 steps in a quarter of a second, in three lanes; a measurement ends within an epoch
    assert steps_a_second(make_job(), 3, None) == pytest.approx(3 * 20 / 0.25, rel=0.1)


def test_what_breaks_in_its_first_epoch_has_no_rate(make_job, monkeypatch):
    monkeypatch.setattr(_width, "fit_all", lambda *_, **__: iter([(0, None)]))
    assert steps_a_second(make_job(), 4, None) == 0


@pytest.mark.heavy
def test_a_job_that_would_diverge_is_timed_all_the_same(make_job, monkeypatch):
    monkeypatch.setattr(_width, "_SECONDS", 0.0)
    assert steps_a_second(make_job(hidden=(8,), learning_rate=1e30, epochs=1), 1, None) > 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": "x"}', '{"a": 0}', "[" * 99_999, "\ud800"])
def test_a_damaged_file_of_widths_says_nothing(tmp_path, text):
    (tmp_path / "widths").write_bytes(text.encode("utf-8", "surrogatepass"))
    assert Widths(tmp_path / "widths")._known == {}
