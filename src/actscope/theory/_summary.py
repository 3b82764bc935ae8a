"""All that theory says of one activation function."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from actscope._errors import ActscopeError
from actscope.theory._critical import Critical, CriticalPoint, critical
from actscope.theory._fixed import FixedPoint, fixed_points
from actscope.theory._gain import gain
from actscope.theory._initializer import Start, start
from actscope.theory._maps import Function
from actscope.theory._moments import Moments, moments

# σ_w of usual initialisations of wide layers, whose biases are 0 or, in PyTorch's, of variance
# 1/(3 fan_in), which goes to 0.
USUAL = {"pytorch": math.sqrt(1 / 3), "lecun": 1.0, "he": math.sqrt(2)}


@dataclass(frozen=True)
class Summary:
    """All that theory says of one activation function.

    Attributes:
        moments: under N(0, 1).
        gains: by mode: `forward`, `backward`, `centred`; None where there is none.
        critical: the critical points at each σ_b that was asked for.
        start: the critical start; None where there is none at all.
        usual: what becomes of signals from usual initialisations: for each of `USUAL`, the
            variances that stay.
    """

    moments: Moments
    gains: dict[str, float | None]
    critical: dict[float, Critical]
    start: Start | None
    usual: dict[str, tuple[FixedPoint, ...]]

    def to_json(self) -> dict[str, Any]:
        """The contract's entry of `activations`; what is infinite is null."""
        found = self.moments
        return {
            "mean": found.mean,
            "second_moment": found.second,
            "derivative_mean": found.slope_mean,
            "derivative_second_moment": found.slope_second,
            "second_derivative_second_moment": found.curvature_second,
            "second_derivative_reason": found.reason,
            **{f"{mode}_gain": value for mode, value in self.gains.items()},
            "critical": [
                _critical_json(point) for each in self.critical.values() for point in each.points
            ],
            "not_critical": [
                {"sigma_b": sigma_b, "reason": each.reason}
                for sigma_b, each in self.critical.items()
                if not each.points
            ],
            "start": None
            if self.start is None
            else {
                "sigma_w": self.start.sigma_w,
                "sigma_b": self.start.sigma_b,
                "q": self.start.q,
                "message": self.start.message,
            },
            "usual": {
                name: [_fixed_json(point) for point in points]
                for name, points in self.usual.items()
            },
        }


def summary(f: Function, sigma_bs: Sequence[float] = (0.0,)) -> Summary:
    """All that theory says of one activation function.

    Args:
        f: an activation, its name, or a callable of one array.
        sigma_bs: standard deviations of biases at which critical points are looked for.

    Raises:
        ActscopeError: it is no fixed function of one number, a moment is infinite, or a σ_b is
            negative.
    """
    return Summary(
        moments=moments(f),
        gains={mode: _or_none(gain, f, mode) for mode in ("forward", "backward", "centred")},
        critical={sigma_b: critical(f, sigma_b) for sigma_b in sigma_bs},
        start=_or_none(start, f),
        usual={name: fixed_points(f, sigma_w) for name, sigma_w in USUAL.items()},
    )


def _or_none(calculate: Any, *given: Any) -> Any:
    """Of a function with moments, what else may not exist."""
    try:
        return calculate(*given)
    except ActscopeError:
        return None


def _critical_json(point: CriticalPoint) -> dict[str, Any]:
    return {
        "sigma_w": point.sigma_w,
        "sigma_b": point.sigma_b,
        "q": point.q,
        "chi": point.chi,
        "stable": point.stable,
        "V_prime": point.slope,
    }


def _fixed_json(point: FixedPoint) -> dict[str, Any]:
    return {
        "q": point.q,
        "V_prime": point.slope,
        "stable": point.stable,
        "chi": point.chi,
        "phase": point.phase,
        "correlation": point.correlation,
        "depth_q": point.depth_q,
        "depth_c": point.depth_c,
    }
