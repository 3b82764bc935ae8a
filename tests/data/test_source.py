import hashlib

from actscope.data import Source
from actscope.data._source import check, damaged

CONTENT = {"a.gz": b"alpha", "b.gz": b"beta"}
SOURCE = Source(
    folder="toy",
    files={name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()},
    addresses=(),
    max_bytes=10,
    licence="MIT",
)


def write(folder, **changes):
    paths = {name: folder / name for name in CONTENT}
    for name, path in paths.items():
        path.write_bytes(changes.get(name, CONTENT[name]))
    return paths


def test_what_was_published_passes(tmp_path):
    files = write(tmp_path)
    assert damaged(SOURCE, files) == {}
    check(SOURCE, files)


def test_what_was_not_is_named_with_both_sums(tmp_path, refuses):
    files = write(tmp_path, **{"b.gz": b"bets"})
    found = hashlib.sha256(b"bets").hexdigest()
    assert damaged(SOURCE, files) == {"b.gz": found}
    refuses(lambda: check(SOURCE, files), files["b.gz"], found, SOURCE.files["b.gz"], "move it")
