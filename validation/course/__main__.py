"""`python -m validation.course`."""

import sys

from .commands import main

sys.exit(main())
