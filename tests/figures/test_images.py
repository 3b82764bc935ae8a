import math

import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.data._idx import read_idx
from actscope.figures import image_grid

RNG = np.random.default_rng(0)


def drawn(figure) -> np.ndarray:
    return np.stack([axis.images[0].get_array() for axis in figure.axes])


def test_bytes_are_shown_as_they_are(png):
    images = RNG.integers(0, 256, (16, 5, 7), dtype=np.uint8)
    figure = image_grid(images, title="first 16", caption="what they are")
    np.testing.assert_array_equal(drawn(figure), images / 255)
    assert {axis.images[0].get_clim() for axis in figure.axes} == {(0, 1)}
    places = [axis.get_subplotspec() for axis in figure.axes]
    assert [(p.rowspan.start, p.colspan.start) for p in places] == [divmod(i, 4) for i in range(16)]
    assert (figure.get_suptitle(), figure.get_supxlabel()) == ("first 16", "what they are")
    assert png(figure)


def test_bytes_that_end_below_255_are_shown_by_their_own_range():
    images = RNG.integers(0, 17, (3, 8, 8), dtype=np.uint8)
    np.testing.assert_array_equal(drawn(image_grid(images, white=16)), images / 16)


@pytest.mark.heavy
def test_fashion_mnist_normalised_looks_like_the_original(data_folder):
    path = data_folder / "fashion_mnist" / "t10k-images-idx3-ubyte.gz"
    images = read_idx(path, dimensions=3)[:16]
    normalised = ((images / 255 - 0.5) / 0.5).astype(np.float32)
    # Two roundings in float32 of numbers up to 2.
    np.testing.assert_allclose(drawn(image_grid(normalised)), drawn(image_grid(images)), atol=3e-7)


def test_colour_images_and_single_channels_are_taken(png):
    colours = RNG.integers(0, 256, (3, 4, 4, 3), dtype=np.uint8)
    np.testing.assert_array_equal(drawn(image_grid(colours)), colours / 255)
    grey = colours[..., :1]
    figure = image_grid(grey)
    np.testing.assert_array_equal(drawn(figure), grey[..., 0] / 255)
    assert png(figure)


def test_names_stand_above_their_images(png):
    names = ["$T$-shirt <b>", "Bag", "Coat", "Shirt", "Sandal"]
    figure = image_grid(np.zeros((5, 2, 2), np.uint8), names)
    assert [axis.get_title() for axis in figure.axes] == [r"\$T\$-shirt <b>", *names[1:]]
    assert png(figure)


def test_numbers_that_are_not_finite_are_black(png):
    images = np.array([[[0.0, np.nan]], [[np.inf, 4.0]], [[1.0, -np.inf]]], np.float32)
    figure = image_grid(images)
    assert drawn(figure).tolist() == [[[0, 0]], [[0, 1]], [[0.25, 0]]]
    assert png(figure)


@pytest.mark.parametrize("value", [0.0, 3.0, np.nan])
def test_a_constant_is_black(value, png):
    figure = image_grid(np.full((1, 2, 2), value, np.float32))
    assert not drawn(figure).any()
    assert png(figure)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_largest_numbers_do_not_overflow(dtype):
    top = np.finfo(dtype).max
    images = np.array([[[-top, 0.0, top]]], dtype)
    np.testing.assert_allclose(drawn(image_grid(images)), [[[0, 0.5, 1]]])


@pytest.mark.parametrize("shape", [(4,), (4, 4), (2, 3, 4, 4), (1, 1, 1, 1, 1)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ActscopeError, match=r"images of shape .*; expected \(n, height, width\)"):
        image_grid(np.zeros(shape, np.uint8))


def test_no_image_and_too_few_names_are_refused():
    with pytest.raises(ActscopeError, match="no image to draw"):
        image_grid(np.zeros((0, 2, 2), np.uint8))
    with pytest.raises(ActscopeError, match="1 names of 2 images; expected one an image"):
        image_grid(np.zeros((2, 2, 2), np.uint8), ["one"])


def test_odd_names_stand_above_their_images(legible, odd_name):
    figure = image_grid(np.zeros((4, 8, 8)), [odd_name, "Ankle boot", odd_name, "T-shirt/top"])
    legible(figure)
    assert [axis.get_title() for axis in figure.axes[1::2]] == ["Ankle boot", "T-shirt/top"]


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (np.zeros((1, 8, 8)), 0.0),
        (np.full((1, 8, 8), math.nan), 0.0),
        (1e30 * np.arange(64.0).reshape(1, 8, 8), 1.0),
        (1e-12 * np.arange(64.0).reshape(1, 8, 8), 1.0),
    ],
)
def test_one_image_of_any_numbers_under_a_title(legible, images, expected):
    figure = image_grid(images, title="fashion_mnist: first training images")
    legible(figure)
    assert figure.axes[0].images[0].get_array().max() == expected
