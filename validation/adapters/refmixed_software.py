"""What refmixed's answers hang on: as long as it is the same, so are they."""

from __future__ import annotations

import hashlib
import os
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

import refmixed as rm

from .answers import LANGUAGE
from .messages import Json

LIBRARIES = ("formulaic", "narwhals", "numpy", "pandas", "scipy")
KERNELS = ("OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES")  # which choose among instructions
FOLDERS = (Path(rm.__file__).parent, Path(__file__).parent)


@cache
def software() -> Json:
    """Versions and the machine, and a digest of refmixed's code and of the adapters'."""
    code = hashlib.sha256()
    for path in sorted(path for folder in FOLDERS for path in folder.rglob("*.py")):
        code.update(path.read_bytes())
    versions = {name: version(name) for name in LIBRARIES}
    kernels = {name: os.environ.get(name, "") for name in KERNELS}
    machine = {"language": LANGUAGE, "platform": platform.platform()}
    return {"code": code.hexdigest(), **machine, **versions, **kernels}
