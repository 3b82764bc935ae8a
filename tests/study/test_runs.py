"""Many jobs at once: each as if it were alone."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from actscope import study
from actscope._errors import ActscopeError

# A study of 2 activations × 2 seeds on forced host devices, in a process of its own.
STUDY = """
import os
import sys
from actscope import activations, data, study
from actscope.training import Recipe

epochs, out = int(sys.argv[1]), sys.argv[2]
digits = data.load("digits")
jobs = study.grid(digits, map(activations.get, ("relu", "tanh")), Recipe(epochs, 99, 128), 2)
try:
    runs = study.train_all(jobs, out, observe=lambda *_: os.write(1, b"alive\\n"))
except KeyboardInterrupt:
    sys.exit(130)
for name, run in runs.items():
    print(name, run.test, run.history.best.number, run.saved.params["layers"][0]["bias"].sum())
"""


def _study(out, *, epochs, devices=2):
    flags = f"--xla_force_host_platform_device_count={devices}"
    return subprocess.Popen(
        [sys.executable, "-c", STUDY, str(epochs), str(out)],
        env=os.environ | {"XLA_FLAGS": flags},
        stdout=subprocess.PIPE,
        text=True,
    )


def _results(process):
    lines = process.communicate()[0].splitlines()
    assert process.returncode == 0
    return [line for line in lines if line != "alive"]


@pytest.mark.heavy
def test_every_run_is_as_if_it_were_alone(make_job, tmp_path):
    jobs = {f"{f}-{s}": make_job(activation=f, seed=s) for f in ("relu", "tanh") for s in (0, 1)}
    told = []
    runs = study.train_all(jobs, tmp_path / "all", observe=lambda name, _: told.append(name))
    assert list(runs) == list(jobs)
    assert set(told) == set(jobs)
    for name, job in jobs.items():
        alone = study.train(job, tmp_path / "alone" / name)
        assert runs[name].test == alone.test
        for one, other in zip(
            runs[name].saved.params["layers"], alone.saved.params["layers"], strict=True
        ):
            np.testing.assert_array_equal(one["kernel"], other["kernel"])


def test_a_failure_stops_the_others_and_is_told(make_job, tmp_path):
    (tmp_path / "bad").write_text("a file where a folder should be")
    with pytest.raises((ActscopeError, OSError)):
        study.train_all({"bad": make_job(), "good": make_job(seed=1)}, tmp_path)


@pytest.mark.slow
def test_an_interrupted_study_goes_on_and_ends_alike_on_two_devices(tmp_path):
    whole = _results(_study(tmp_path / "whole", epochs=30))
    assert len(whole) == 4
    cut = _study(tmp_path / "cut", epochs=30)
    for _ in range(40):
        cut.stdout.readline()  # some epochs of the first jobs
    cut.send_signal(signal.SIGINT)
    started = time.monotonic()
    cut.communicate()
    assert cut.returncode == 130
    assert time.monotonic() - started < 60
    assert _results(_study(tmp_path / "cut", epochs=30)) == whole
