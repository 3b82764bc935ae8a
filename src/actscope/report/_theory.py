"""The figures of theory: gains, phases, and what depth does."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np
from matplotlib.figure import Figure

from actscope import figures, theory
from actscope.activations import Activation
from actscope.figures import CriticalLine, Foretold, GainRow, Passage, Phases
from actscope.study import Foreseen, Foresight
from actscope.theory import Critical

_DEPTH, _WIDTH = 30, 1000
_CELLS = 61  # of a phase diagram, each way
_WIDEST_BIAS = 1.0
_LOWEST = 0.01  # of what is expected

_TITLES = {
    "second_moment": "second moment of the pre-activations",
    "gradient_norm": "gradient norm, relative to the last layer",
    "post_mean": "mean of the post-activations",
    "zeros": "share of zeros",
    "saturated": "share of saturated units",
    "dead": "share of dead units",
}


def theory_gallery(
    activations: Iterable[Activation], foresights: Iterable[Foresight] = ()
) -> Iterator[tuple[str, Figure]]:
    """Each figure, made as it is asked for, with a name that can be a file's.

    `gains`, `depth`, a `phases-<activation>` for each, and a `forecast-<activation>` for each
    network that was foreseen.

    Raises:
        ActscopeError: of an activation that theory says nothing about.
    """
    wanted = list(activations)
    yield "gains", figures.gain_table({each.label: _gains(each) for each in wanted})
    yield "depth", _depth(wanted)
    for each in wanted:
        yield f"phases-{each.slug}", phases(each)
    for foresight in foresights:
        yield f"forecast-{foresight.network.activation.slug}", _forecast(foresight)


def _gains(activation: Activation) -> GainRow:
    torch = {line.name: line.torch for line in theory.beside_torch()}
    return GainRow(
        forward=theory.gain(activation),
        backward=theory.gain(activation, "backward"),
        torch=torch.get(activation.label),
    )


def _depth(activations: Sequence[Activation]) -> Figure:
    """From PyTorch's start and from the critical one, at a width next to infinite."""
    drawn: dict[str, Passage] = {}
    widths = [_WIDTH] * (_DEPTH + 2)
    for each in activations:
        for name, layers in (
            (f"{each.label}, PyTorch's default", theory.network(widths, theory.law("pytorch"))),
            (f"{each.label}, critical", theory.critical_network(each, widths, 1.0)),
        ):
            found = theory.forecast(each, layers).layers
            drawn[name] = Passage(
                tuple(layer.second_moment.limit for layer in found),
                tuple(layer.gradient_norm.limit for layer in found),
            )
    return figures.through_depth(drawn)


def phases(activation: Activation, columns: int | None = None) -> Figure:
    """The phase diagram of one activation, with its edge of chaos.

    Args:
        activation: of which theory has something to say.
        columns: σ_b from 0 to 1 at which critical points are looked for, most of its time; None:
            as many as the phases have cells.

    Raises:
        ActscopeError: as for `theory.critical`.
    """
    sigma_bs = np.linspace(0, _WIDEST_BIAS, columns or _CELLS)
    found = theory.edge_of_chaos(activation, sigma_bs)
    lines = list(_lines(sigma_bs, found))
    highest = max([3.0, *(w for line in lines if line.stable for w in line.sigma_w)])
    # From 1/20 on: with no weights at all there is no signal.
    sigma_ws = np.linspace(highest / 20, highest * 1.1, _CELLS)
    return figures.phase_diagram(
        activation.label,
        Phases(sigma_bs, sigma_ws, theory.chi_plane(activation, sigma_ws, sigma_bs)),
        [line for line in lines if max(line.sigma_w) <= sigma_ws[-1]],
        reason=found[-1].reason,
    )


def _lines(sigma_bs: np.ndarray, found: Sequence[Critical]) -> Iterator[CriticalLine]:
    """The points of neighbouring σ_b as lines: as many at once, with the same stabilities."""
    columns = zip(sigma_bs.tolist(), found, strict=True)
    kinds = groupby(columns, lambda column: tuple(point.stable for point in column[1].points))
    for stabilities, group in kinds:
        stretch = list(group)
        for index, stable in enumerate(stabilities):
            yield CriticalLine(
                tuple(sigma_b for sigma_b, _ in stretch),
                tuple(critical.points[index].sigma_w for _, critical in stretch),
                stable,
            )


def _forecast(foresight: Foresight) -> Figure:
    network = foresight.network
    shown = {
        title: _foretold(foresight.layers, name)
        for name, title in _TITLES.items()
        if name in foresight.layers[0]
    }
    return figures.forecast_against_measured(
        network.activation.label,
        shown,
        caption=f"{len(network.hidden_sizes)} hidden layers of {_widths(network.hidden_sizes)} "
        f"units, initialisation {network.initialisation}; line: forecast, band: scatter of single "
        f"networks, dots: {foresight.networks} networks as the probe sees them",
    )


def _foretold(layers: Sequence[Mapping[str, Foreseen]], name: str) -> Foretold:
    found = [layer[name] for layer in layers]
    middle = [each.estimate.expected for each in found]
    scatter = [each.estimate.scatter for each in found]
    return Foretold(
        predicted=tuple(middle),
        # A norm is positive: the band ends above 0, or a logarithmic axis could not show it.
        low=tuple(
            max(m - s, _LOWEST * m) if m > 0 else m - s
            for m, s in zip(middle, scatter, strict=True)
        ),
        high=tuple(m + s for m, s in zip(middle, scatter, strict=True)),
        measured=tuple(each.measured for each in found) if found[0].measured else (),
        share=name in ("zeros", "saturated", "dead"),
    )


def _widths(hidden_sizes: Sequence[int]) -> str:
    different = dict.fromkeys(hidden_sizes)
    return " to ".join(str(f(different)) for f in (min, max)[: len(different)])
