"""The user's line that a PyTorch model has reached."""

import sys
from pathlib import Path
from types import FrameType

from actscope.pytorch._calls import torch

_OURS = str(Path(__file__).parents[1])
_NEITHER = ("/beartype/", "/jaxtyping/")
_RUNS = str(Path(__file__).with_name("_run.py"))  # it calls the model: beyond it nothing is of that


def source() -> str:
    """File (its last three parts) and line that made the present call.

    Where torch's own modules call each other, as in an `nn.Sequential`, the innermost of these.
    """
    theirs = str(Path(torch().__file__).parent)
    frame, within = sys._getframe(1), ""
    while frame is not None and frame.f_code.co_filename != _RUNS:
        file = frame.f_code.co_filename
        if file.startswith(theirs):
            within = within if within or "/nn/modules/" not in file else _line(frame)
        elif not file.startswith((_OURS, "<@")) and not any(part in file for part in _NEITHER):
            return _line(frame)
        frame = frame.f_back
    return within


def _line(frame: FrameType) -> str:
    return f"{'/'.join(Path(frame.f_code.co_filename).parts[-3:])}:{frame.f_lineno}"
