"""What a probe found of a whole network."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from actscope._signal import Signal, json_number
from actscope.probing._drawing import draw
from actscope.probing._finding import Finding
from actscope.probing._page import page
from actscope.probing._site import Parameter, Site
from actscope.probing._table import heading, text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Profile:
    """Everything that one probe found.

    Attributes:
        examples: number of examples seen.
        loss: mean over all examples; None without a loss.
        accuracy: share of examples whose largest output is the target; None where targets are
            not classes.
        outputs: the network's outputs.
        sites: in the order in which the signal meets them.
        parameters: in the order of the layers; empty without a loss.
        excluded: names of places that were passed over, each with the reason.
        findings: what is wrong with it, the worst first; empty if nobody asked.
    """

    examples: int
    loss: float | None
    accuracy: float | None
    outputs: tuple[Signal, ...]
    sites: tuple[Site, ...]
    parameters: tuple[Parameter, ...]
    excluded: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def dead(self) -> list[int]:
        """Number of dead units at each site."""
        return [int(site.dead.sum()) for site in self.sites]

    def signals(self) -> dict[str, Signal]:
        """Pre- and post-activation of every site, then the outputs, by a title for each."""
        found: dict[str, Signal] = {}
        for site in self.sites:
            found[f"{site.name} – pre-activation"] = site.pre
            found[f"{site.name} – {site.activation}"] = site.post
        for index, output in enumerate(self.outputs):
            found["output" if len(self.outputs) == 1 else f"output {index}"] = output
        return found

    def plot(self, what: str = "depth") -> "Figure":
        """A figure of all sites, neither shown nor saved: `profile.plot().savefig("mine.png")`.

        Args:
            what: `depth`: size of signal and gradient, dead units, correlation and rank from the
                first site to the last; `distributions`: histograms of every site's input, output
                and gradient.

        Raises:
            ActscopeError: there is no site, or no such figure.
        """
        return draw(what, self.sites, title=self._heading, findings=self.findings)

    @property
    def _heading(self) -> str:
        return heading(self.sites, self.examples, self.loss, self.accuracy)

    def __repr__(self) -> str:
        return f"<Profile: {self._heading}, {len(self.findings)} findings>"

    def __str__(self) -> str:
        return text(self._heading, self.sites, self.findings)

    def _repr_html_(self) -> str:
        return page(self._heading, self.sites, self.findings, self.excluded)

    def to_json(self) -> dict[str, Any]:
        """The contract's `probe` object."""
        return {
            "schema": "actscope.probe/1",
            "examples": self.examples,
            "loss": json_number(self.loss),
            "accuracy": json_number(self.accuracy),
            "outputs": [output.to_json() for output in self.outputs],
            "excluded": [{"name": name, "reason": reason} for name, reason in self.excluded],
            "sites": [site.to_json() for site in self.sites],
            "parameters": [parameter.to_json() for parameter in self.parameters],
            "findings": [finding.to_json() for finding in self.findings],
        }
