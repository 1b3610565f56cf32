// An adapter without packages: the criterion at a given theta, by Cholesky, from matrices.
import { createInterface } from "node:readline";

// The lower triangular factor of a positive definite matrix.
function cholesky(V) {
  const L = V.map((row) => row.map(() => 0));
  V.forEach((row, i) => {
    for (let j = 0; j <= i; j++) {
      let sum = row[j];
      for (let k = 0; k < j; k++) sum -= L[i][k] * L[j][k];
      L[i][j] = i === j ? Math.sqrt(sum) : sum / L[j][j];
    }
  });
  return L;
}

const forward = (L, b) => b.reduce((x, value, i) => [...x, (value - dot(L[i], x)) / L[i][i]], []);
const dot = (a, b) => b.reduce((sum, value, i) => sum + a[i] * value, 0);
const log2 = (diagonal) => diagonal.reduce((sum, d) => sum + 2 * Math.log(d), 0);

// Lambda' z for one row of Z: each level of a term has its triangle, filled column by column.
function times(z, terms, theta) {
  const out = [];
  let [t, column] = [0, 0];
  for (const { effects: k, levels } of terms) {
    for (let level = 0; level < levels; level++, column += k)
      for (let c = 0, at = t; c < k; at += k - c, c++)
        out.push(dot(theta.slice(at, at + k - c), z.slice(column + c, column + k)));
    t += (k * (k + 1)) / 2;
  }
  return out;
}

// Criterion, beta and sigma: least squares of L^-1 (y - o) on L^-1 X, column after column.
function evaluate({ arrays, model, theta }) {
  const { y, X, Z, weights, offset } = numbers(arrays);
  const half = Z.map((z) => times(z, model.terms, numbers(theta)));
  const V = half.map((a, i) => half.map((b, j) => dot(a, b) + (i === j ? 1 / weights[i] : 0)));
  const L = cholesky(V);
  const columns = X[0].map((_, j) => forward(L, X.map((row) => row[j])));
  let rest = forward(L, y.map((value, i) => value - offset[i]));
  const R = columns.map((_, j) => {
    const norm = Math.sqrt(dot(columns[j], columns[j]));
    const q = columns[j].map((value) => value / norm);
    const less = (v, r) => v.map((value, i) => value - r * q[i]);
    const row = columns.map((v, k) => (k < j ? 0 : k === j ? norm : dot(q, v)));
    for (let k = j + 1; k < columns.length; k++) columns[k] = less(columns[k], row[k]);
    row.push(dot(q, rest));
    rest = less(rest, row.at(-1));
    return row;
  });
  const beta = Array(R.length).fill(0);
  for (let j = R.length - 1; j >= 0; j--) beta[j] = (R[j].at(-1) - dot(R[j], beta)) / R[j][j];
  const degrees = y.length - (model.reml ? R.length : 0);
  const variance = dot(rest, rest) / degrees;
  const logs = log2(L.map((row, i) => row[i])) + (model.reml ? log2(R.map((row, i) => row[i])) : 0);
  const criterion = logs + degrees * (1 + Math.log(2 * Math.PI * variance));
  return { criterion, beta, sigma: Math.sqrt(variance) };
}

// Decimal strings as numbers, however deep.
function numbers(given) {
  if (Array.isArray(given)) return given.map(numbers);
  if (typeof given !== "object") return Number(given);
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, numbers(value)]));
}

function respond(request) {
  const { cmd, id, level, form, asked } = request;
  const who = { name: "by Cholesky", version: "1", language: `JavaScript, node ${process.version}` };
  if (cmd === "start") return { version: 1, implementation: who };
  if (level !== "evaluate" || form !== "matrices") return { id, skip: "nothing but the criterion" };
  const skipped = Object.fromEntries(asked.map((quantity) => [quantity, "not computed"]));
  return { id, answers: evaluate(request), skipped };
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (request.cmd === "stop") process.exit();
  console.log(JSON.stringify(respond(request)));
}
