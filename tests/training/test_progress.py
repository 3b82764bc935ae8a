import pytest

from actscope.training import History, Progress


def test_rate_and_time_left():
    progress = Progress(epoch=3, epochs=5, step=20, steps=50, seconds=4.0, history=History())
    assert progress.batches_per_second == 5
    # 30 steps of this epoch and two epochs of 50, at 5 a second.
    assert progress.seconds_left == pytest.approx((30 + 100) / 5)


def test_nothing_is_left_after_the_last_step():
    assert Progress(5, 5, 50, 50, 4.0, History()).seconds_left == 0
