#!/bin/sh
# numpy 2.4.6: Generator.multivariate_normal with one seed draws other vectors on other processors.
#
# The covariance is that of seven exchangeable effects (variance 1, correlation 0.5): six of its
# eigenvalues are equal, so that their singular vectors are arbitrary.  The default method, "svd",
# multiplies by them, and which ones LAPACK gives depends on the kernel that OpenBLAS picks by processor.
# The standard normal numbers underneath are the same, and method="cholesky" draws the same from them.
# Seen on x86-64 with AVX2, first component of the draw:
#     Haswell      svd -0.0449   cholesky 0.3456
#     Sandybridge  svd  0.2766   cholesky 0.3456
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6

cat > "$folder/draw.py" <<'PYTHON'
import numpy as np

covariance = np.full((7, 7), 0.5) + 0.5 * np.eye(7)
for method in ("svd", "cholesky"):
    rng = np.random.default_rng(1)
    print(method, f"{rng.multivariate_normal(np.zeros(7), covariance, method=method)[0]:.4f}")
PYTHON

draw() { OPENBLAS_CORETYPE=$1 OPENBLAS_NUM_THREADS=1 "$folder/venv/bin/python" "$folder/draw.py"; }
for kernel in Haswell Sandybridge; do
    draw "$kernel" > "$folder/$kernel"
    echo "$kernel: $(tr '\n' ' ' < "$folder/$kernel")"
done
if cmp -s "$folder/Haswell" "$folder/Sandybridge"; then
    echo "the draws are the same now" >&2
    exit 1
fi
[ "$(grep cholesky "$folder/Haswell")" = "$(grep cholesky "$folder/Sandybridge")" ]
