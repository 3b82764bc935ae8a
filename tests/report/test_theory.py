"""Which figures theory has, what they are called, and that they show its numbers."""

import math

import numpy as np
import pytest

from actscope import activations, theory
from actscope.networks import FeedForward
from actscope.report import _theory, theory_gallery
from actscope.study import Foreseen, Foresight
from actscope.theory import Estimate

pytestmark = pytest.mark.heavy

RELU, TANH = (activations.get(name) for name in ("relu", "tanh"))


def foreseen(limit, shift, scatter, *measured):
    return Foreseen(Estimate(limit, shift, scatter), measured, float(np.mean(measured)))


FORESIGHT = Foresight(
    FeedForward(TANH, (8, 16), 10),
    2,
    (
        {
            "second_moment": foreseen(0.35, 0.01, 0.5, 0.3, 0.4),
            "gradient_norm": foreseen(0.4, 0.0, 0.1, 0.41, 0.38),
            "post_second_moment": foreseen(0.2, 0.0, 0.1, 0.2, 0.2),
        },
        {
            "second_moment": foreseen(0.1, 0.02, 0.05, 0.13, 0.11),
            "gradient_norm": foreseen(1.0, 0.0, 0.0, 1.0, 1.0),
            "post_second_moment": foreseen(0.1, 0.0, 0.1, 0.1, 0.1),
        },
    ),
)


@pytest.fixture(scope="module")
def made():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_theory, "_CELLS", 5)
        patch.setattr(_theory, "_DEPTH", 3)
        yield dict(theory_gallery([RELU, TANH], [FORESIGHT]))


def test_a_figure_of_each_kind_by_name(made, png):
    names = ["gains", "depth", "phases-relu", "phases-tanh", "forecast-tanh"]
    assert list(made) == names
    assert all(png(figure) for figure in made.values())


def test_gains_stand_beside_those_of_pytorch(made):
    (axis,) = made["gains"].axes
    shown = [text.get_text() for text in axis.texts]
    relu, tanh = math.sqrt(2), [theory.gain("tanh"), theory.gain("tanh", "backward"), 5 / 3]
    expected = {f"{gain:.4f}" for gain in (relu, *tanh)}
    assert len(expected) == 4
    assert expected <= set(shown)
    assert shown.count(f"{relu:.4f}") == 3  # forward, backward and PyTorch's are one


def test_depth_is_shown_from_pytorchs_start_and_from_the_critical_one(made):
    legend = [text.get_text() for text in made["depth"].legends[0].get_texts()]
    starts = ("PyTorch's default", "critical")
    assert legend == [f"{name}, {start}" for name in ("relu", "tanh") for start in starts]


def test_the_edge_of_chaos_lies_where_theory_has_it(made):
    lines = {
        name: [line.get_xydata() for axis in made[f"phases-{name}"].axes for line in axis.lines]
        for name in ("relu", "tanh")
    }
    points = {name: np.concatenate(drawn) for name, drawn in lines.items()}
    (relu,) = {tuple(np.round(point, 6)) for point in points["relu"]}
    assert set(relu) == {0.0, round(math.sqrt(2), 6)}
    expected = [
        (sigma_b, theory.critical("tanh", sigma_b).points[0].sigma_w)
        for sigma_b in np.linspace(0, 1, 5).tolist()
    ]
    drawn = points["tanh"] if points["tanh"][0, 0] == 0 else points["tanh"][:, ::-1]
    np.testing.assert_allclose(drawn, expected, rtol=1e-9)


def test_the_forecast_shows_expected_scatter_and_measured(made):
    moment, norm = made["forecast-tanh"].axes
    assert moment.get_title() == "second moment of the pre-activations"
    assert norm.get_title() == "gradient norm, relative to the last layer"
    line, dots = moment.lines
    np.testing.assert_allclose(line.get_ydata(), [0.36, 0.12])
    np.testing.assert_allclose(dots.get_ydata(), [0.3, 0.4, 0.13, 0.11])
    (band,) = moment.collections
    low, high = (f(band.get_paths()[0].vertices[:, 1]) for f in (np.min, np.max))
    assert (low, high) == pytest.approx((0.0036, 0.86))  # the band ends above 0
    words = made["forecast-tanh"].get_supxlabel()
    assert "2 hidden layers of 8 to 16 units, initialisation pytorch" in words
    assert "dots: 2 networks" in words


def test_a_figure_is_made_as_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(theory, "edge_of_chaos", lambda *_: pytest.fail("not asked for yet"))
    monkeypatch.setattr(_theory, "_DEPTH", 2)
    gallery = theory_gallery([RELU])
    assert [next(gallery)[0], next(gallery)[0]] == ["gains", "depth"]
