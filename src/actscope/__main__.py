"""`python -m actscope` is the command `actscope`."""

import sys

from actscope.cli import main

sys.exit(main())
