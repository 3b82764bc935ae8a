import re

import pytest

from actscope._errors import ActscopeError
from actscope.data._catalogue import KNOWN, known
from actscope.data._split import random_split, stratified_split


@pytest.mark.parametrize("name", KNOWN)
def test_a_record_is_complete(name):
    record = known(name)
    assert len(set(record.class_names)) == 10
    assert record.source.folder == name
    assert all(re.fullmatch("[0-9a-f]{64}", checksum) for checksum in record.source.files.values())
    assert bool(record.source.files) == bool(record.source.addresses)
    assert len(set(record.source.addresses)) == len(record.source.addresses)
    assert not any(address.endswith("/") for address in record.source.addresses)


def test_only_the_tutorials_data_are_split_without_regard_to_their_classes():
    divided = {name: record.divide for name, record in KNOWN.items()}
    assert divided.pop("fashion_mnist") is random_split
    assert set(divided.values()) == {stratified_split}


def test_no_two_files_are_published_with_the_same_sum():
    sums = [checksum for record in KNOWN.values() for checksum in record.source.files.values()]
    assert len(set(sums)) == len(sums) == 13


def test_an_unknown_name_is_met_with_the_nearest():
    message = r"unknown data set 'cifar'; expected one of .*mnist; did you mean 'cifar10'\?"
    with pytest.raises(ActscopeError, match=message):
        known("cifar")


def test_what_else_would_have_been_right_is_said():
    with pytest.raises(ActscopeError, match=r"one of FILE\.npz, cifar10"):
        known("xyz", "FILE.npz")
