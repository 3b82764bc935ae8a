"""A study's folder: whose it is, and that nothing in it is lost."""

import errno
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from actscope._errors import ActscopeError
from actscope.study._folder import Folder
from actscope.study._record import Record
from actscope.study._specfile import read

TEXT = """
[study]
name = "small"
dataset = "digits"
seeds = 2

[axes]
activation = ["relu", "tanh"]
"""
MORE = TEXT.replace("seeds = 2", "seeds = 3").replace('"tanh"', '"tanh", "elu"')


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "runs" / "small")


@pytest.fixture
def prepare(folder, tmp_path):
    """What a run does first, with a specification."""

    def run(text):
        (tmp_path / "given.toml").write_text(text)
        with folder.alone():
            folder.prepare(text, read(tmp_path / "given.toml"))

    return run


def names(folder):
    return sorted(path.name for path in folder.path.iterdir())


def test_a_first_run_leaves_its_specification_as_it_was_given(folder, prepare):
    assert not folder.is_study()
    prepare(TEXT)
    assert folder.is_study()
    assert folder.spec.read_text() == TEXT
    assert names(folder) == [".lock", "record", "study.toml"]


@pytest.mark.parametrize("same", [TEXT, TEXT.replace("seeds = 2", "seeds = [0, 1]") + "# x\n"])
def test_the_same_study_goes_on(folder, prepare, make_outcome, same):
    prepare(TEXT)
    folder.add([make_outcome()], {})
    prepare(same)
    assert folder.spec.read_text() == TEXT
    assert Record.open(folder.path).ids() == {make_outcome().id}


def test_an_extension_takes_the_place_of_the_specification_and_keeps_the_record(
    folder, prepare, make_outcome
):
    prepare(TEXT)
    folder.add([make_outcome()], {})
    prepare(MORE)
    assert folder.spec.read_text() == MORE
    assert Record.open(folder.path).ids() == {make_outcome().id}


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (TEXT, ["study.seeds: drops 2", 'axes.activation: drops "elu"']),
        (MORE.replace("seeds = 3", "seeds = 3\nepochs = 7"), ["study.epochs: ", "→ 7"]),
    ],
)
def test_another_study_is_refused_and_what_differs_is_said(folder, prepare, other, words):
    prepare(MORE)
    with pytest.raises(ActscopeError) as caught:
        prepare(other)
    for word in (str(folder.path), *words, "--out"):
        assert word in str(caught.value)
    assert folder.spec.read_text() == MORE


def test_what_killed_runs_were_writing_is_removed(folder, prepare, make_outcome):
    prepare(TEXT)
    shard = folder.add([make_outcome()], {})
    for left in (folder.record / ".ab-cd.parquet", folder.path / f".study-{'0' * 32}.toml"):
        left.write_text("half a")
    prepare(TEXT)
    assert list(folder.record.iterdir()) == [shard]
    assert names(folder) == [".lock", "record", "study.toml"]


@pytest.mark.parametrize("theirs", ["thesis.tex", "photos/cat.jpg"])
def test_a_folder_of_something_else_is_not_touched(folder, prepare, theirs):
    path = folder.path / theirs
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(ActscopeError, match="and no study; expected a new or empty folder") as e:
        prepare(TEXT)
    assert repr(Path(theirs).parts[0]) in str(e.value)
    assert names(folder) == [Path(theirs).parts[0]]


def test_empty_folders_and_hidden_files_are_no_obstacle(folder, prepare):
    for name in (".git", "record"):  # a run killed in its first moment leaves such a record
        (folder.path / name).mkdir(parents=True)
    (folder.path / ".git" / "HEAD").write_text("x")
    prepare(TEXT)
    assert folder.is_study()


def test_a_file_in_the_way_is_named(folder, prepare):
    folder.path.parent.mkdir()
    folder.path.write_text("mine")
    with pytest.raises(ActscopeError, match=r"small cannot be written \(File exists\)"):
        prepare(TEXT)
    assert folder.path.read_text() == "mine"


def test_a_run_alone_keeps_others_out(folder, prepare):
    with folder.alone(), pytest.raises(ActscopeError, match="is in use by process"):
        prepare(TEXT)
    prepare(TEXT)


def test_errors_of_the_work_itself_pass_as_they_are(folder):
    with pytest.raises(FileNotFoundError), folder.alone():
        raise FileNotFoundError


def test_the_same_members_have_one_shard(folder, prepare, make_outcome):
    prepare(TEXT)
    one, other = make_outcome(), make_outcome(seed=1)
    assert folder.add([one, other], {}) == folder.add([other, one], {})
    assert folder.add([one], {}) != folder.add([other], {})
    assert len(folder.shards()) == 3


def test_the_log_grows_by_a_line_with_the_time(folder, prepare):
    prepare(TEXT)
    for line in ("begun", "two\nlines – one entry"):
        folder.log(line)
    times, words = zip(
        *(line.split(" ", 1) for line in folder.log_file.read_text("utf-8").splitlines()),
        strict=True,
    )
    assert words == ("begun", "two lines – one entry")
    for time in times:
        age = datetime.now(UTC) - datetime.fromisoformat(time)
        assert 0 <= age.total_seconds() < 60


def test_a_full_disk_is_named_and_what_was_finished_stays(
    folder, prepare, make_outcome, monkeypatch
):
    prepare(TEXT)
    folder.add([make_outcome()], {})
    write = Path.write_bytes

    def full(path, content):
        write(path, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    for attempt, what in [
        (lambda: folder.add([make_outcome(seed=1)], {}), r"\.parquet"),
        (lambda: prepare(MORE), "small"),
    ]:
        with pytest.raises(ActscopeError, match=rf"{what} cannot be written \(No space left"):
            attempt()
    assert folder.spec.read_text() == TEXT
    assert Record.open(folder.path).ids() == {make_outcome().id}
    assert len(list(folder.record.iterdir())) == 1


FULL = """
import resource, sys
from pathlib import Path
from actscope._errors import ActscopeError
from actscope.study._folder import Folder

resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
folder = Folder(Path(sys.argv[1]))
for attempt in (lambda: folder.add([], {}), lambda: folder.log("x" * 100)):
    try:
        attempt()
    except ActscopeError as error:
        print(error)
"""


@pytest.mark.heavy
def test_a_disk_that_takes_no_more_is_named(folder, prepare, make_outcome):
    prepare(TEXT)
    folder.add([make_outcome()], {})
    ran = subprocess.run(
        [sys.executable, "-c", FULL, folder.path], check=True, capture_output=True, text=True
    )
    shard, log = ran.stdout.splitlines()
    assert re.search(r"\.parquet cannot be written \(File too large\).*what is finished is", shard)
    assert re.search(r"log cannot be written \(File too large\)", log)
    assert Record.open(folder.path).ids() == {make_outcome().id}
    assert len(list(folder.record.iterdir())) == 1


def test_writers_killed_at_any_moment_leave_whole_shards_alone(folder, prepare):
    prepare(TEXT)
    writers = [sys.executable, Path(__file__).with_name("writers.py"), folder.path]
    subprocess.run(writers, check=True, capture_output=True, timeout=120)
    record = Record.open(folder.path)
    assert len(record.shards) >= 20
    assert len(record.ids()) == len(record.members) == 3 * len(record.shards)
    assert len(record.epochs) == 10 * len(record.members)
    assert len(record.layers) == 200 * len(record.members)
    left = [path for path in folder.record.iterdir() if path not in record.shards]
    assert left
    prepare(TEXT)
    assert set(folder.record.iterdir()) == set(record.shards)
    begun = folder.log_file.read_text().splitlines()
    assert all(re.fullmatch(r"\S+ writer \d+ begins shard \d+", line) for line in begun)
    assert len(begun) >= len(record.shards)
