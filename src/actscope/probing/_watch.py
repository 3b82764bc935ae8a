"""A network while it trains: every so many steps one glance at all of its sites."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any

import jax
import numpy as np

from actscope._errors import ActscopeError
from actscope.probing._followed import Function
from actscope.probing._glance import Glance, at_site
from actscope.probing._look import Loss, look_again
from actscope.probing._probe import Names, Probe
from actscope.probing._response import Response
from actscope.probing._statistics import by_name, each_step
from actscope.sites import Acted

_SCALARS = ("pre_mean", "pre_variance", "post_mean", "post_variance", "zeros", "saturated")


class Watch:
    """What `watch` gives: call it in every step, with the step's number, parameters and batch.

    Attributes:
        history: what was seen, in order: the step, and by site its numbers: means and variances of
            input and output, share of zeros, saturated share, share of dead units in this batch,
            and the root mean square of the gradient; beside the sites `loss`.
    """

    def __init__(self, probe: Probe, loss: Loss, every: int, writer: Any):
        self._probe = probe
        self._loss = partial(loss)
        self._every = every
        self._writer = writer
        self.history: list[tuple[int, dict[str, Any]]] = []

    def __call__(self, step: int, params: Any, batch: Any) -> dict[str, Any] | None:
        """A look at one batch, if it is time for one.

        Args:
            step: number of the step, a Python integer.
            params: of the function, as they are now; they are not changed and not kept.
            batch: inputs and targets.

        Returns:
            The entry that `history` has now; None in between.
        """
        if step % self._every:
            return None
        opened = self._probe.opened(params, batch[0])
        seen = look_again(opened, self._loss, params, tuple(batch), slopes=True)
        found: dict[str, Any] = {"loss": float(seen.loss)}
        counts: dict[str, Any] = {}
        for place in opened.places(params, batch[0]):
            acted, gradient = seen.acted[place.name], seen.gradient(place.name)
            glanced = jax.device_get(_glanced(place.response, len(place.rows), acted, gradient))
            for name, site in by_name(place, glanced):
                found[name] = {key: float(getattr(site, key)) for key in _SCALARS}
                found[name] |= {"dead": float(site.dead.mean()), "gradient": float(site.gradient)}
                counts[name] = site.pre.counts, float(site.pre.low), float(site.pre.high)
        self.history.append((step, found))
        if self._writer is not None:
            _write(self._writer, step, found, counts)
        return found

    def close(self) -> None:
        """Ends the file of summaries, if there is one."""
        if self._writer is not None:
            self._writer.close()

    def __enter__(self) -> "Watch":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def watch(
    function: Function,
    loss: Loss,
    *,
    every: int = 100,
    include: Names | None = None,
    tensorboard: Path | str | None = None,
) -> Watch:
    """An observer for any training loop: one pass forward and back every so many steps.

    It is compiled at its first look, and does nothing in between::

        watching = actscope.watch(model.apply, loss, every=100, tensorboard="runs/mine")
        for step, batch in enumerate(batches):
            params, state = train_step(params, state, batch)
            watching(step, params, batch)

    Args:
        function: `function(params, inputs) -> outputs`, as of `probe`.
        loss: `loss(outputs, targets)`, the mean over a batch.
        every: steps from one look to the next.
        include: patterns: only the sites with a name like one of these.
        tensorboard: a folder for summaries, with a histogram of every input; it needs
            `pip install 'actscope[tensorboard]'`.

    Raises:
        ActscopeError: `every` is below 1, or what writes summaries is not installed; at the first
            look as of `probe`.
    """
    if every < 1:
        raise ActscopeError(f"every={every}", expected="1 or more")
    writer = None if tensorboard is None else _writer(tensorboard)
    return Watch(Probe(function, loss, include=include), loss, every, writer)


# Apart from the program that runs the model, and the same for all sites of one shape.
@partial(jax.jit, static_argnames=("to", "depth"))
def _glanced(to: Response, depth: int, acted: Acted, gradient: jax.Array) -> Glance:
    return each_step(depth, partial(at_site, to), acted, gradient)


def _writer(folder: Path | str) -> Any:
    try:
        make: Callable[..., Any] = import_module("tensorboardX").SummaryWriter
    except ImportError as error:
        raise ActscopeError(
            "TensorBoard summaries need tensorboardX, which is not installed",
            do="pip install 'actscope[tensorboard]'",
        ) from error
    return make(str(folder))


def _write(writer: Any, step: int, found: dict[str, Any], counts: dict[str, Any]) -> None:
    writer.add_scalar("loss", found["loss"], step)
    for name, (bins, low, high) in counts.items():
        for key, value in found[name].items():
            writer.add_scalar(f"{name}/{key}", value, step)
        edges = np.linspace(low, high, len(bins) + 1)
        middle = (edges[1:] + edges[:-1]) / 2
        writer.add_histogram_raw(
            f"{name}/pre",
            min=low,
            max=high,
            num=int(bins.sum()),
            sum=float(bins @ middle),
            sum_squares=float(bins @ middle**2),
            bucket_limits=edges[1:].tolist(),
            bucket_counts=bins.tolist(),
            global_step=step,
        )
    writer.flush()
