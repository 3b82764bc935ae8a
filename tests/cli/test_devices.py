import os
import subprocess
import sys

import pytest

from actscope.cli import _devices as devices

FLAG = "--xla_force_host_platform_device_count"


@pytest.fixture
def fresh(monkeypatch):
    """As before jax was imported, on four cores."""
    monkeypatch.delitem(sys.modules, "jax")
    monkeypatch.setenv("XLA_FLAGS", "")
    monkeypatch.setattr(devices, "_cores", lambda: 4)
    for name in ("TIME_SECS", "ENTRY_SIZE_BYTES"):  # so that what is set is put back
        monkeypatch.setenv(f"JAX_PERSISTENT_CACHE_MIN_{name.replace('TIME', 'COMPILE_TIME')}", "1")


def test_a_device_a_core_beside_the_users_own_flags(fresh, monkeypatch):
    devices.one_a_core()
    assert os.environ["XLA_FLAGS"] == f"{FLAG}=4"
    monkeypatch.setenv("XLA_FLAGS", "--xla_dump_to=x")
    devices.one_a_core()
    assert os.environ["XLA_FLAGS"] == f"--xla_dump_to=x {FLAG}=4"


def test_fewer_workers_than_cores(fresh):
    devices.one_a_core(3)
    assert os.environ["XLA_FLAGS"] == f"{FLAG}=3"


def test_no_more_workers_than_cores(fresh):
    devices.one_a_core(9)
    assert os.environ["XLA_FLAGS"] == f"{FLAG}=4"


CACHE = "JAX_COMPILATION_CACHE_DIR"


def test_compiled_programs_are_kept_apart_by_processor(fresh, monkeypatch, tmp_path):
    monkeypatch.setattr(devices, "_CPUINFO", tmp_path / "cpuinfo")
    places = []
    for flags in ("fpu avx2", "fpu avx2 avx512f", "fpu avx2"):
        monkeypatch.setenv(CACHE, "")  # so that it is put back in the end
        monkeypatch.delenv(CACHE)
        core = f"processor : {{}}\nmodel name : X\nflags : {flags}\n"
        (tmp_path / "cpuinfo").write_text(core.format(0) + core.format(1))
        devices.keep_programs()
        places.append(os.environ[CACHE])
    assert places[0] == places[2] != places[1]


def test_the_users_own_place_for_programs_stays(fresh, monkeypatch):
    monkeypatch.setenv(CACHE, "mine")
    devices.keep_programs()
    assert os.environ[CACHE] == "mine"


def test_the_users_own_number_stays(fresh, monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", f"{FLAG}=1")
    devices.one_a_core()
    assert os.environ["XLA_FLAGS"] == f"{FLAG}=1"


def test_too_late_it_changes_nothing(fresh, monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", object())
    devices.one_a_core()
    assert os.environ["XLA_FLAGS"] == ""


@pytest.mark.parametrize(
    ("content", "cores"),
    [("200000 100000", 2), ("150000 100000", 2), ("10000 100000", 1), ("max 100000", None)],
)
def test_a_containers_share_bounds_the_cores(tmp_path, monkeypatch, content, cores):
    file = tmp_path / "cpu.max"
    monkeypatch.setattr(devices, "_CGROUP", file)
    bound = devices._cores()  # no such file: the cores that the process is bound to
    assert bound >= 1
    file.write_text(content)
    assert devices._cores() == min(bound, cores or bound)


# In a fresh interpreter, as far as the demo's first network: how many devices has jax by then?
DEMO = """
import sys
from actscope._errors import ActscopeError
from actscope.cli import _demo, main

def shown(total):
    import jax
    raise ActscopeError(f"{total} networks, {len(jax.devices())} devices")

_demo.shown = shown
_demo.one_a_core.__globals__["_cores"] = lambda: 3
sys.exit(main(["demo"]))
"""


@pytest.mark.heavy
def test_the_demo_asks_before_jax_is_imported(place, nothing_here):
    ran = subprocess.run([sys.executable, "-c", DEMO], check=False, capture_output=True, text=True)
    assert ran.returncode == 2
    assert ran.stderr.splitlines()[-1] == "error: 18 networks, 3 devices"
    assert ran.stderr.startswith("scikit-learn's digits instead of FashionMNIST: train-images")
