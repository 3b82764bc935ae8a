"""The nouns: splits that fit, and a normalisation that is the same to the bit everywhere."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.data import Dataset, Normalization, Split

PIXELS = np.arange(256, dtype=np.uint8)
SETTINGS = [(255.0, 0.5, 0.5), (16.0, 0.5, 0.5), (255.0, 0.1307, 0.3081)]


def formula(images, scale, mean, std):
    """The tutorial's formula, each operation rounded to float32."""
    scale, mean, std = (np.float32(value) for value in (scale, mean, std))
    return (images.astype(np.float32) / scale - mean) / std


def bits(array):
    return np.asarray(array).view(np.uint32).tolist()


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("run", [lambda f: f, jax.jit], ids=["eager", "jit"])
def test_pixels_are_the_formulas_to_the_bit(setting, run):
    normalization = Normalization(*setting)
    expected = bits(formula(PIXELS, *setting))
    assert bits(normalization(PIXELS)) == expected
    found = run(normalization)(jnp.asarray(PIXELS))
    assert found.dtype == jnp.float32
    assert bits(found) == expected


def test_black_is_minus_one_and_white_is_one():
    images = np.array([[[0, 255]]], np.uint8)
    assert Normalization(255.0, 0.5, 0.5)(images).tolist() == [[[-1.0, 1.0]]]


def test_numpy_goes_in_and_out_without_jax():
    found = Normalization(255.0, 0.5, 0.5)(PIXELS.reshape(4, 8, 8))
    assert isinstance(found, np.ndarray)
    assert (found.shape, found.dtype) == ((4, 8, 8), np.float32)


def test_floats_are_computed():
    images = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)
    normalization = Normalization(2.0, 0.25, 3.0)
    assert bits(normalization(images)) == bits(formula(images, 2.0, 0.25, 3.0))
    np.testing.assert_allclose(  # JAX: an ulp or two of the largest term
        jax.jit(normalization)(images), formula(images, 2.0, 0.25, 3.0), rtol=3e-7, atol=1e-7
    )


@pytest.mark.usefixtures("unchecked")
def test_as_many_labels_as_images():
    with pytest.raises(ActscopeError, match="3 images and 2 labels"):
        Split(np.zeros((3, 2), np.uint8), np.zeros(2, np.int32))


def split(first, rows):
    return Split(
        np.arange(first, first + rows, dtype=np.float32)[:, None], np.zeros(rows, np.int32)
    )


def data():
    parts = split(0, 300), split(1000, 5), split(2000, 7)
    return Dataset("toy", *parts, ("a", "b"), Normalization(1.0, 0.0, 1.0), {})


@pytest.mark.parametrize(
    ("name", "first", "rows"),
    [("train", 0, 300), ("validation", 1000, 5), ("test", 2000, 7), ("first256", 0, 256)],
)
def test_parts_by_their_names(name, first, rows):
    part = data().split(name)
    assert (part.images[0, 0], len(part)) == (first, rows)
    assert part.images[-1, 0] == first + rows - 1


def test_an_unknown_part_is_met_with_the_nearest():
    with pytest.raises(ActscopeError, match=r"unknown split 'valid'.*did you mean 'validation'"):
        data().split("valid")


def test_rows_come_in_the_order_asked_for():
    part = data().train.rows(np.array([7, 3, 3]))
    assert part.images[:, 0].tolist() == [7.0, 3.0, 3.0]


def test_what_follows_from_the_parts():
    assert (data().num_classes, data().image_shape) == (2, (1,))
