"""A thousand networks on two nodes, while twenty times a worker or a node is killed."""

import os
import random
import signal
from pathlib import Path

import faulty
from actscope import study
from actscope.study import Finished

pytestmark = faulty.TWO_NODES

KILLS, NODES = 20, 4  # of them whole nodes


def test_soak(cluster, make_plan, same, tmp_path, record_testsuite_property):
    """1,000 networks, 16 workers and 4 nodes killed | all are in the record, memory stays flat"""
    plan = make_plan(seeds=250, activation=["relu", "tanh", "elu", "gelu"])
    draw, memory, workers, killed = random.Random(0), [], [], []
    # Not in the last fourth: there a kill may come when all is done but not told yet.
    moments = sorted(draw.sample(range(10, 750), KILLS))
    nodes = set(draw.sample(range(KILLS), NODES))

    def watch(event):
        if not isinstance(event, Finished):
            return
        busy = at_work()
        memory.append(resident(os.getpid()))
        workers.append(max(map(resident, busy), default=0))
        if len(killed) == KILLS or len(memory) < moments[len(killed)]:
            return
        if len(killed) in nodes:
            cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
            cluster.add_node()
            killed.append("a node")
        elif busy:  # or the next event finds one
            os.kill(draw.choice(busy), signal.SIGKILL)
            killed.append("a worker")

    record = study.run(plan, tmp_path / "study", engine=study.Ray(cluster.address), watcher=watch)
    assert len(record.members) == len(record.ids()) == len(memory) == 1000
    record_testsuite_property("driver_megabytes", f"{memory[0]} {memory[250]} {memory[-1]}")
    fourths = [max(workers[first : first + 250]) for first in range(0, 1000, 250)]
    record_testsuite_property("worker_megabytes", " ".join(map(str, fourths)))
    assert (killed.count("a worker"), killed.count("a node")) == (KILLS - NODES, NODES)
    assert memory[-1] < memory[250] + 100
    assert fourths[-1] < fourths[0] + 3 * 100  # three programs more; it holds up to 16
    part = make_plan(seeds=10, activation=["relu", "gelu"])
    some = record.where(activation=["relu", "gelu"], seed=list(range(10)))
    same(some, study.run(part, tmp_path / "here"))


def at_work():
    """Processes in which a task runs now, by the title that Ray gives them."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "cmdline").read_bytes().startswith(b"ray::_work"):
                found.append(int(folder.name))
        except OSError:  # it has ended
            continue
    return sorted(found)


def resident(process):
    """Megabytes that a process holds; 0 of one that has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 10**6
