import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from actscope._atomic import remove_unfinished, replacing, write_bytes, write_text
from actscope._errors import ActscopeError

# A writer that kills itself, as `kill -9` would, at the point that its second argument names.
WRITER = """
import os, signal, sys
from pathlib import Path
from actscope import _atomic

path, point = sys.argv[1:]
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
synced = []

def sync(descriptor, real=os.fsync):
    synced.append(descriptor)
    if point == "before the first sync" or len(synced) == 2 and point == "after the new name":
        die()
    real(descriptor)

os.fsync = sync
if point == "before the new name":
    Path.replace = die
with _atomic.replacing(path) as temporary:
    with open(temporary, "wb") as file:
        file.write(b"new" * 100_000)
        file.flush()
        if point == "while writing":
            die()
        file.write(b"new" * 100_000)
"""
OLD, NEW = b"old" * 10, b"new" * 200_000


@pytest.mark.parametrize(
    ("point", "content"),
    [
        ("while writing", OLD),
        ("before the first sync", OLD),
        ("before the new name", OLD),
        ("after the new name", NEW),
        ("never", NEW),
    ],
)
def test_a_killed_writer_leaves_a_whole_file(tmp_path, point, content):
    path = tmp_path / "file.bin"
    path.write_bytes(OLD)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(
        [sys.executable, "-c", WRITER, str(path), point], env=environment, check=False
    )
    assert ended.returncode == (0 if point == "never" else -signal.SIGKILL)
    assert path.read_bytes() == content
    remove_unfinished(path)
    assert list(tmp_path.iterdir()) == [path]


def test_the_new_content_takes_the_place_of_the_old(tmp_path):
    path = tmp_path / "a" / "b" / "file.txt"
    write_text(path, "größer")
    assert path.read_bytes() == "größer".encode()
    write_bytes(path, b"\0\n")
    assert path.read_bytes() == b"\0\n"
    assert list(path.parent.iterdir()) == [path]


def test_until_the_end_the_old_content_stands(tmp_path):
    path = tmp_path / "plot.png"
    write_text(path, "old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.parent == path.parent
        assert temporary.suffix == ".png"
    assert path.read_text() == "new"


def test_an_error_leaves_the_old_content_and_nothing_else(tmp_path):
    path = tmp_path / "file.txt"
    write_text(path, "old")

    def fail():
        with replacing(path) as temporary:
            temporary.write_text("half of the n")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_writes_nothing_is_an_error(tmp_path):
    path = tmp_path / "file.txt"
    write_text(path, "old")
    with pytest.raises(FileNotFoundError), replacing(path):
        pass
    assert path.read_text() == "old"


def test_the_bytes_are_on_the_disk_before_the_name_is(tmp_path, monkeypatch):
    events = []
    sync, replace = os.fsync, Path.replace

    def noted_sync(descriptor):
        events.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "bytes")
        sync(descriptor)

    def noted_replace(self, target):
        events.append("name")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    write_text(tmp_path / "file.txt", "new")
    assert events == ["bytes", "name", "folder"]


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_not_a_regular_file_is_left_alone(tmp_path, make):
    path = tmp_path / "there"
    make(path)
    with pytest.raises(ActscopeError, match="there is not a regular file; expected a file name"):
        write_text(path, "new")
    assert list(tmp_path.iterdir()) == [path]
    assert not path.is_file()


def test_only_the_leavings_of_the_same_file_are_removed(tmp_path):
    mark = "0" * 32
    other = [".b-" + mark + ".txt", ".a-" + mark + ".png", ".a-short.txt", "a.txt", "[a].txt"]
    mine = [".a-" + mark + ".txt", ".a-" + "f" * 32 + ".txt"]
    for name in [*other, *mine, ".[a]-" + mark + ".txt"]:
        (tmp_path / name).touch()
    remove_unfinished(tmp_path / "a.txt")
    remove_unfinished(tmp_path / "[a].txt")
    assert {path.name for path in tmp_path.iterdir()} == set(other)
