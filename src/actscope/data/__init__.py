"""Data: what a data set is, how it is split and batched, and where its files come from.

Readers, downloads and splits live here. Nothing is known of networks: batches are NumPy arrays,
and what an epoch does with its order is training's affair. Importing this room imports neither jax
nor anything that reads or downloads; a file is looked for when a data set is asked for.
"""

from actscope.data._batches import Batches as Batches
from actscope.data._batches import batches as batches
from actscope.data._batches import epoch_order as epoch_order
from actscope.data._dataset import Dataset as Dataset
from actscope.data._dataset import Normalization as Normalization
from actscope.data._dataset import Split as Split
from actscope.data._download import UnavailableError as UnavailableError
from actscope.data._download import download as download
from actscope.data._folders import folders as folders
from actscope.data._folders import locate as locate
from actscope.data._inventory import Status as Status
from actscope.data._inventory import fetch as fetch
from actscope.data._inventory import names as names
from actscope.data._inventory import status as status
from actscope.data._inventory import verify as verify
from actscope.data._load import load as load
from actscope.data._progress import Progress as Progress
from actscope.data._source import Source as Source
