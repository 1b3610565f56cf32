"""`python -m validation`."""

import sys

from refmixed.r.extras import install_line

try:
    from .cli import main
except ModuleNotFoundError as error:
    needs = f"this needs {error.name}: {install_line('validation')}"
    print(f"python -m validation: {needs}", file=sys.stderr)
    sys.exit(2)

sys.exit(main())
