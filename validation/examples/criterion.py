"""An adapter in thirty lines: the criterion at a given theta, by Cholesky, from matrices."""

import json
import sys

import numpy as np
from scipy.linalg import block_diag, cholesky, solve_triangular


def evaluate(request):
    """Criterion, beta and sigma at theta."""
    arrays = {k: np.array(v, dtype=object).astype(float) for k, v in request["arrays"].items()}
    y, X, Z = arrays["y"] - arrays["offset"], arrays["X"], arrays["Z"]
    theta, blocks, reml = [float(t) for t in request["theta"]], [], request["model"]["reml"]
    for term in request["model"]["terms"]:
        lower = np.zeros((term["effects"], term["effects"]))
        for row, column in zip(*np.triu_indices(len(lower)), strict=True):
            lower[column, row] = theta.pop(0)  # column by column
        blocks += [lower] * term["levels"]
    half = Z @ block_diag(*blocks)
    L = cholesky(np.diag(1 / arrays["weights"]) + half @ half.T, lower=True)
    Q, R = np.linalg.qr(solve_triangular(L, X, lower=True))  # X'V^-1 X = R'R loses no digits
    white = solve_triangular(L, y, lower=True)
    beta = solve_triangular(R, Q.T @ white)
    rss = np.sum((white - Q @ (Q.T @ white)) ** 2)
    dof = len(y) - len(beta) * reml
    logdet = 2 * np.log(np.diag(L)).sum() + 2 * np.log(abs(np.diag(R))).sum() * reml
    criterion = logdet + dof * (1 + np.log(2 * np.pi * rss / dof))
    return {"criterion": criterion, "beta": list(beta), "sigma": np.sqrt(rss / dof)}


for line in sys.stdin:
    request = json.loads(line)
    if request["cmd"] == "stop":
        break
    if request["cmd"] == "start":
        who = {"name": "by Cholesky", "version": "1", "language": "Python"}
        answer = {"version": 1, "implementation": who}
    elif (request["level"], request["form"]) != ("evaluate", "matrices"):
        answer = {"id": request["id"], "skip": "nothing but the criterion from matrices"}
    else:
        skipped = dict.fromkeys(request["asked"], "not computed")
        answer = {"id": request["id"], "answers": evaluate(request), "skipped": skipped}
    print(json.dumps(answer), flush=True)
