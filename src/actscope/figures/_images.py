"""Images of a data set in a grid."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Shaped
from matplotlib.figure import Figure

from actscope._errors import ActscopeError
from actscope.figures._style import panels, require, sheet
from actscope.figures._text import shortened

_COLUMN = 1.35  # inches across
_NAME_SIZE = 9.0  # points


def image_grid(
    images: Shaped[Any, "n ..."],
    names: Sequence[str] = (),
    *,
    columns: int = 4,
    white: float = 255.0,
    title: str = "",
    caption: str = "",
) -> Figure:
    """Every image in its own panel; 16 of them make the tutorial's 4×4 grid.

    Bytes are shown from 0, which is black, to `white`. Other numbers are shown between the
    smallest and the largest finite one of all images, so that normalised images look like their
    originals.

    Args:
        images: of shape (n, height, width), (n, height, width, 1) or, in colour,
            (n, height, width, 3).
        names: what to write above each, such as its class; none for no names.
        columns: images a row.
        white: the byte that is shown white; a data set's `normalization.scale`.
        title: above all.
        caption: below all.

    Raises:
        ActscopeError: there are no images, they have another shape, or their names are not as
            many as they.
    """
    pixels = _pixels(np.asarray(images), white)
    if names and len(names) != len(pixels):
        raise ActscopeError(f"{len(names)} names of {len(pixels)} images", expected="one an image")
    columns = min(columns, len(pixels))
    rows = -(-len(pixels) // columns)
    height = (1.55 if names else 1.35) * rows + (0.4 if title else 0.1)
    with sheet(_COLUMN * columns, height, title=title, caption=caption) as figure:
        for index, axis in enumerate(panels(figure, len(pixels), columns)):
            axis.imshow(pixels[index], cmap="gray", vmin=0, vmax=1)
            axis.set_axis_off()
            if names:
                axis.set_title(
                    shortened(names[index], 0.95 * _COLUMN, _NAME_SIZE), fontsize=_NAME_SIZE, pad=3
                )
    return figure


def _pixels(images: np.ndarray, white: float) -> np.ndarray:
    """The images as numbers between 0 and 1: (n, height, width), or with 3 colours at the end."""
    require(images, "image")
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if not (images.ndim == 3 or (images.ndim == 4 and images.shape[-1] == 3)):
        raise ActscopeError(
            f"images of shape {images.shape}",
            expected="(n, height, width), or that with 1 or 3 channels at the end",
            do="move the channels to the end",
        )
    return images.astype(np.float64) / white if images.dtype == np.uint8 else _scaled(images)


def _scaled(images: np.ndarray) -> np.ndarray:
    """Finite numbers stretched over 0 … 1; others, and a constant, are black."""
    halves = images.astype(np.float64) / 2  # so that no difference of two overflows
    finite = np.isfinite(halves)
    low = halves.min(initial=np.inf, where=finite)
    reach = halves.max(initial=-np.inf, where=finite) - low
    found = np.zeros_like(halves)
    if reach > 0:
        np.divide(halves - low, reach, out=found, where=finite)
    return found
