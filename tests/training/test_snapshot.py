import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.training._snapshot import appended


def test_rows_stack_up_by_name():
    observed = {}
    for epoch in range(3):
        seen = {"dead": np.full((2, 1), epoch), "norm": np.array(epoch / 2, np.float32)}
        observed = appended(observed, seen)
    assert {name: array.tolist() for name, array in observed.items()} == {
        "dead": [[[0], [0]], [[1], [1]], [[2], [2]]],
        "norm": [0, 0.5, 1],
    }


@pytest.mark.parametrize(
    "other", [{"a": np.zeros(4)}, {"a": np.zeros(3, np.float32)}, {"b": np.zeros(3)}, {}]
)
def test_an_instrument_that_changes_its_mind_is_refused(other):
    with pytest.raises(ActscopeError, match="expected the same in every epoch"):
        appended(appended({}, {"a": np.zeros(3)}), other)
