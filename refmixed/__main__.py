"""`python -m refmixed` is the command `refmixed`."""

import sys

from .cli import main

sys.exit(main())
