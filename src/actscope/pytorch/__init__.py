"""PyTorch: the probe for any `nn.Module`, unchanged, with the profile that one of JAX has.

A model runs as it is, and every call of torch that it makes is seen: its sites are found here,
their signals reduced by torch where they are. What the numbers mean, and how batches add up, is
probing's; which activation a stretch is, the table's. Nothing else imports torch, and importing
this room does not: only a probe does.
"""

from actscope.pytorch._probe import probe_torch as probe_torch
