"""That a summary holds what the parts say, in the contract's names, whose numbers are known."""

import math

import pytest

from actscope._errors import ActscopeError
from actscope.theory import summary


def test_relu_in_closed_form():
    found = summary("relu", [0.0, 0.1]).to_json()
    assert found["mean"] == pytest.approx(1 / math.sqrt(2 * math.pi), rel=1e-14)
    for half in ("second_moment", "derivative_second_moment", "derivative_mean"):
        assert found[half] == pytest.approx(0.5)
    for gain in ("forward_gain", "backward_gain"):
        assert found[gain] == pytest.approx(math.sqrt(2))
    assert found["centred_gain"] == pytest.approx(1 / math.sqrt(0.5 - 0.5 / math.pi))
    assert found["second_derivative_second_moment"] is None
    assert found["second_derivative_reason"] == "infinite, since f' jumps at 0"
    (point,) = found["critical"]
    assert point == {
        "sigma_w": pytest.approx(math.sqrt(2)),
        "sigma_b": 0,
        "q": None,
        "chi": pytest.approx(1),
        "stable": True,
        "V_prime": pytest.approx(1),
    }
    (without,) = found["not_critical"]
    assert without["sigma_b"] == 0.1
    assert "only σ_b = 0 is critical" in without["reason"]
    assert found["start"] == {
        "sigma_w": pytest.approx(math.sqrt(2)), "sigma_b": 0, "q": None, "message": "",
    }  # fmt: skip


def test_each_usual_start_of_relu_is_in_the_phase_that_its_scale_says():
    usual = summary("relu").to_json()["usual"]
    ((pytorch,), (lecun,), (he,)) = (usual[name] for name in ("pytorch", "lecun", "he"))
    for point, square in ((pytorch, 1 / 3), (lecun, 1)):
        assert (point["q"], point["phase"]) == (0, "ordered")
        assert point["chi"] == point["V_prime"] == pytest.approx(square / 2)
        assert point["depth_q"] == pytest.approx(-1 / math.log(square / 2))
    assert (he["q"], he["phase"], he["depth_q"]) == (None, "critical", math.inf)


def test_tanh_at_a_published_point():
    # Pennington, Schoenholz and Ganguli 2017, fig. 1, and mpmath: CONVENTIONS has both numbers.
    found = summary("tanh", [0.0, math.sqrt(0.05)])
    (origin,), (point,) = (each.points for each in found.critical.values())
    assert (origin.sigma_w, origin.q) == (pytest.approx(1), 0)
    assert (point.sigma_w**2, point.q) == (pytest.approx(1.760955), pytest.approx(0.570048))
    assert list(found.to_json()["critical"][1].values()) == [
        point.sigma_w, math.sqrt(0.05), point.q, point.chi, point.stable, point.slope,
    ]  # fmt: skip
    assert found.start is not None
    assert found.start.sigma_b == 0.1


def test_what_there_is_not_is_none():
    def one(x):
        return 0 * x + 1

    found = summary(one).to_json()
    assert found["forward_gain"] == pytest.approx(1)
    assert found["derivative_second_moment"] == 0
    assert found["backward_gain"] is found["centred_gain"] is found["start"] is None
    assert not found["critical"]
    assert [each["sigma_b"] for each in found["not_critical"]] == [0]


def test_what_has_no_moments_has_no_summary():
    with pytest.raises(ActscopeError, match="a function of one number"):
        summary("glu")
    with pytest.raises(ActscopeError, match="at least 0"):
        summary("relu", [-1.0])
