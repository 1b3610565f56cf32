"""The tests marked `numerical`, as other processors see them: `make test-kernels`.

OpenBLAS chooses a kernel by processor, and numpy its own exp and log by instruction set; the last
bits differ.  Each setting is a run of pytest of its own, since both are chosen when numpy loads.
Arguments go on to pytest.  In that run `check_processor` makes sure that the setting holds.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import scipy.linalg  # noqa: F401  (loads the other OpenBLAS, scipy's)
from threadpoolctl import threadpool_info

ASKED = "REFMIXED_PROCESSOR"  # the setting, told to the run of pytest
NO_AVX512 = "no AVX-512"
HERE, MARK = Path(__file__).parent, "mark.numerical"
KERNELS = {  # what a processor must have, as numpy 1 and numpy 2.4 call it; kB of its second cache
    "Haswell": ({"AVX2", "X86_V3"}, 256),
    "SkylakeX": ({"AVX512_SKX", "X86_V4"}, 1024),
    "Sandybridge": ({"AVX", "X86_V3"}, 256),
    "Nehalem": ({"SSE42", "X86_V2"}, 256),
}


def instructions() -> set[str]:
    """The instruction sets that numpy uses here."""
    sets = np.show_config("dicts")["SIMD Extensions"]  # type: ignore[call-overload]
    return {*sets["baseline"], *sets["found"]}


def avx512() -> set[str]:
    """Those of numpy's that other processors lack."""
    return {name for name in instructions() if name.startswith("AVX512") or name == "X86_V4"}


def settings() -> dict[str, tuple[bool, dict[str, str]]]:
    """Each setting: whether this processor has it, and the environment that asks for it.

    A cache is asked for, too: since 0.3.34 (numpy 2.5.2) OpenBLAS makes its blocks as large as the
    one here allows, and Haswell's kernel has no room for those of 1 MB (OpenBLAS issue 6026).
    """
    here = instructions()
    kernels = {
        name: (bool(needs & here), {"OPENBLAS_CORETYPE": name, "OPENBLAS_L2_SIZE": str(cache)})
        for name, (needs, cache) in KERNELS.items()
    }
    without = {"NPY_DISABLE_CPU_FEATURES": " ".join(sorted(avx512()))}
    return kernels | {NO_AVX512: (bool(avx512()), without)}


def check_processor() -> None:
    """Raises AssertionError unless this process runs under the setting that was asked for."""
    asked = os.environ.get(ASKED)
    if asked == NO_AVX512:
        assert not avx512(), f"numpy uses {avx512()}"
    elif asked is not None:
        pools = [pool for pool in threadpool_info() if pool["internal_api"] == "openblas"]
        assert pools, "numpy runs without OpenBLAS"
        assert {pool["architecture"] for pool in pools} == {asked}, pools


def run(name: str, environment: dict[str, str], arguments: list[str]) -> int:
    """One run of pytest, of the files that have such tests; its exit status."""
    print(f"--- {name}", flush=True)
    files = [str(f) for f in sorted(HERE.glob("test_*.py")) if MARK in f.read_text("utf-8")]
    command = [sys.executable, "-m", "pytest", "-q", "-m", "numerical", *arguments, *files]
    return subprocess.run(command, env=os.environ | environment | {ASKED: name}).returncode


def main(arguments: list[str]) -> int:
    """All settings; 1 where a test failed under any of them."""
    failed, skipped = [], []
    for name, (is_here, environment) in settings().items():
        if not is_here:
            skipped.append(name)
        elif run(name, environment, arguments):
            failed.append(name)
    passed = len(settings()) - len(failed) - len(skipped)
    print(f"{passed} settings passed; failed: {failed}; not on this processor: {skipped}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
