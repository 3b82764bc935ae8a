import hashlib

import pytest

from actscope._errors import ActscopeError
from actscope.data._reading import reading, sha256


def test_a_file_that_is_not_there_is_named(tmp_path):
    with (
        pytest.raises(ActscopeError, match=r"none\.gz cannot be opened \(No such file.*a picture"),
        reading(tmp_path / "none.gz", "a picture"),
    ):
        pass


def test_a_folder_is_no_file(tmp_path):
    with (
        pytest.raises(ActscopeError, match=r"cannot be opened \(Is a directory"),
        reading(tmp_path, "a picture"),
    ):
        pass


@pytest.mark.parametrize("error", [ValueError("why"), EOFError("why"), KeyError("why")])
def test_whatever_a_reader_raises_is_said_of_the_file(tmp_path, refuses, error):
    path = tmp_path / "x.gz"
    path.write_bytes(b"abc")

    def read():
        with reading(path, "a picture"):
            raise error

    refuses(read, path, type(error).__name__, "why", "a picture", "left as it is")


def test_what_is_said_already_is_not_said_again(tmp_path):
    path = tmp_path / "x.gz"
    path.write_bytes(b"abc")
    with pytest.raises(ActscopeError, match=r"^mine$"), reading(path, "a picture"):
        raise ActscopeError("mine")


def test_an_interruption_stays_one(tmp_path):
    path = tmp_path / "x.gz"
    path.write_bytes(b"abc")
    with pytest.raises(KeyboardInterrupt), reading(path, "a picture"):
        raise KeyboardInterrupt


def test_the_sum_is_that_of_the_whole_file(tmp_path):
    content = bytes(range(256)) * 4096
    (tmp_path / "x").write_bytes(content)
    assert sha256(tmp_path / "x") == hashlib.sha256(content).hexdigest()
