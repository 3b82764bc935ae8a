"""Studies whose members were never trained: scores by a formula, in a folder as a run leaves it."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure

from actscope import answers, study
from actscope.study import Folder, Outcome
from actscope.training import Epoch


def _outcome(member, score, epochs, chance) -> Outcome:
    """A member that comes to a score, in half of the way left an epoch; None: it diverged."""
    run = epochs if score is not None else 2
    rng = np.random.default_rng(member.seed)
    curve = [chance + ((score or 0.5) - chance) * (1 - 0.5**k) for k in range(1, run + 1)]
    return Outcome(
        id=member.id,
        phase=member.phase,
        seed=member.seed,
        settings=member.combination.key,
        columns=member.columns(),
        parameters=10,
        epochs=tuple(Epoch(k, 1.0, s, 1.0, s, 0.1) for k, s in enumerate(curve, 1)),
        best_epoch=run,
        test_loss=float(rng.random()),
        test_score=score if score is not None else chance,
        chance=chance,
        diverged_at=7 if score is None else None,
        seconds=1.0,
        dead=(),
        units=(),
        sites={},
        layers={},
    )


@pytest.fixture
def answered(tmp_path) -> Callable[..., tuple[answers.Answer, ...]]:
    """The answers of a study of which `score(columns, seed)` is what each member comes to.

    NaN stands for a member that is still to come, None for one that diverged. Without a formula
    every member comes to 0.5.
    """

    def make(text, score=lambda _columns, _seed: 0.5, *, chance=0.1, **asked):
        path = tmp_path / "spec.toml"
        path.write_text(text)
        plan = study.plan(study.read(path))
        folder = Folder(tmp_path / "study")
        with folder.alone():
            folder.prepare(text, plan.spec)
        scores = [(member, score(member.columns(), member.seed)) for member in plan.members]
        finished = [(member, each) for member, each in scores if each is None or not np.isnan(each)]
        folder.add([_outcome(*each, plan.spec.epochs, chance) for each in finished], {})
        return answers.answers(folder.path, **asked)

    return make


@pytest.fixture
def png() -> Callable[[Figure], bytes]:
    """Renders a figure in memory; warnings are errors here."""

    def render(figure: Figure) -> bytes:
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=40)
        return buffer.getvalue()

    return render
