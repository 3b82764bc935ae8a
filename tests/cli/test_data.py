import shutil

import pytest


def rows(text):
    """The cells of a table by the name in its first column."""
    return {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.strip()}


def test_the_list_says_what_is_here(call, nothing_here):
    folder = nothing_here / "mnist"
    folder.mkdir(parents=True)
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(b"")
    said = call("data", "list")
    assert (said.status, said.err) == (0, "")
    found = rows(said.out)
    assert found["digits"] == ["yes", "CC", "BY", "4.0", "needs", "none"]
    assert found["kmnist"][0] == "no"
    assert found["mnist"] == ["1", "of", "4", "CC", "BY-SA", "3.0", str(folder)]
    assert said.out.splitlines()[-1].startswith(f"looked for in {nothing_here} and ")


def test_fetching_what_needs_no_file(call):
    assert call("data", "fetch", "digits").out == "digits needs no file\n"


def test_fetching_what_is_here(call, data_folder):
    said = call("data", "fetch", "fashion_mnist")
    assert said.status == 0
    assert len(said.out.splitlines()) == 4
    assert said.out.startswith(f"{data_folder}/fashion_mnist/train-images")


def test_what_cannot_be_fetched(call, nothing_here):
    said = call("data", "fetch", "mnist")
    assert (said.status, said.out) == (2, "")
    assert f"not found in {nothing_here}/mnist and " in said.error
    assert "ACTSCOPE_OFFLINE is set; unset it, or put the files from http" in said.error


@pytest.mark.parametrize("command", ["fetch", "verify"])
def test_an_unknown_data_set(call, command):
    said = call("data", command, "fashion_mist")
    assert said.status == 2
    assert said.error.endswith("did you mean 'fashion_mnist'?")


def test_verified_are_those_that_are_here(call, nothing_here):
    said = call("data", "verify")
    assert said.status == 0
    assert rows(said.out) == {
        "data": ["set", "whole", "damaged", "missing"],
        "digits": ["yes", "none", "none"],
    }


def test_damaged_and_missing_files_are_named(call, data_folder, nothing_here):
    folder = nothing_here / "fashion_mnist"
    shutil.copytree(data_folder / "fashion_mnist", folder)
    damaged = folder / "t10k-labels-idx1-ubyte.gz"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    said = call("data", "verify")
    assert said.status == 1
    assert rows(said.out)["fashion_mnist"] == ["no", "t10k-labels-idx1-ubyte.gz", "none"]
    damaged.unlink()
    said = call("data", "verify", "fashion_mnist")
    assert said.status == 1
    assert rows(said.out)["fashion_mnist"] == ["no", "none", "t10k-labels-idx1-ubyte.gz"]
