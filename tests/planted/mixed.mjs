// A mixed model by its definition, n x n, in JavaScript without any package, by SPEC.md, section 8:
//
//     node mixed.mjs               everything right
//     node mixed.mjs divisor-n     with one mistake planted: the words in `wrong("...")` below
//
// It answers levels evaluate and fit in both forms, and inference without degrees of freedom and
// profiles.  Columns are read off the names of the coefficients, so no formula is parsed.
import { createInterface } from "node:readline";

const PLANTED = process.argv[2] ?? "";
const wrong = (name) => name === PLANTED;

// --- matrices: arrays of rows -------------------------------------------------------------------

const range = (n) => [...Array(n).keys()];
const zeros = (n, m) => range(n).map(() => new Float64Array(m));
const transpose = (A, m = A[0]?.length ?? 0) => range(m).map((j) => Float64Array.from(A, (row) => row[j]));
const dot = (a, b) => { let sum = 0; for (let i = 0; i < a.length; i++) sum += a[i] * b[i]; return sum; };
const times = (A, B, m = B[0]?.length ?? 0) => {
  const columns = transpose(B, m);
  return A.map((row) => Float64Array.from(columns, (column) => dot(row, column)));
};
const apply = (A, v) => Float64Array.from(A, (row) => dot(row, v));
const plus = (A, B, by = 1) => A.map((row, i) => row.map((x, j) => x + by * B[i][j]));
const scaled = (A, by) => A.map((row) => row.map((x) => by * x));
const diagonal = (A) => A.map((row, i) => row[i]);
const identity = (n) => range(n).map((i) => Float64Array.from(range(n), (j) => +(i === j)));

function cholesky(A) {
  const L = zeros(A.length, A.length);
  for (let i = 0; i < A.length; i++)
    for (let j = 0; j <= i; j++) {
      let sum = A[i][j];
      for (let k = 0; k < j; k++) sum -= L[i][k] * L[j][k];
      if (i === j && !(sum > 0)) throw new Error("a matrix is not positive definite");
      L[i][j] = i === j ? Math.sqrt(sum) : sum / L[j][j];
    }
  return L;
}

function inverse(A) {
  const L = cholesky(A), n = A.length, R = zeros(n, n);   // R: rows are the columns of L^-1
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      let sum = +(i === j);
      for (let k = j; k < i; k++) sum -= L[i][k] * R[j][k];
      R[j][i] = sum / L[i][i];
    }
  return { inverse: R.map((a) => Float64Array.from(R, (b) => dot(a, b))), logdet: 2 * logOf(diagonal(L)) };
}
const logOf = (values) => values.reduce((sum, x) => sum + Math.log(x), 0);

// --- the design: y, X, Z -------------------------------------------------------------------------

function columnOf(data, name) {                             // an effect by its name, such as I(age^2)
  const n = Object.values(data.columns)[0].length;
  if (name === "(Intercept)") return range(n).map(() => 1);
  const square = /^I\((.*)\^2\)$/.exec(name);
  if (square) return columnOf(data, square[1]).map((x) => x * x);
  if (name in data.columns && !(name in data.factors)) return data.columns[name].map(Number);
  for (const [factor, levels] of Object.entries(data.factors))
    for (const level of levels)
      if (name === factor + level) return indicator(data, factor, level);
  const parts = name.split(":");
  if (parts.length === 1) throw new Error(`no column ${name}`);
  return parts.map((part) => columnOf(data, part)).reduce((a, b) => a.map((x, i) => x * b[i]));
}

function indicator(data, factor, level) {
  const used = data.used?.[factor] ?? data.factors[factor];
  const levels = data.factors[factor].filter((one) => used.includes(one));
  const which = wrong("last-level-reference") ? levels[levels.indexOf(level) - 1] : level;
  const base = levels[levels.length - 1];
  return data.columns[factor].map((value) => {
    if (!wrong("sum-contrasts")) return +(value === which);
    return value === base ? -1 : +(value === levels[levels.indexOf(level) - 1]);
  });
}

const columnsOf = (group) => group.replace(/[()]/g, "").split(":");
const labels = (data, group) => {
  const parts = columnsOf(group).map((name) => data.columns[name]);
  return parts[0].map((_, i) => parts.map((part) => part[i]).join(":"));
};

function termOf(data, term) {
  const { levels } = term;
  const x = transpose(term.effects.map((name) => columnOf(data, name)));
  return { k: term.effects.length, J: levels.length, x, codes: labels(data, term.group).map((l) => levels.indexOf(l)) };
}

function Zof(terms, n) {
  const Z = zeros(n, terms.reduce((q, t) => q + t.k * t.J, 0));
  let start = 0;
  for (const term of terms) {
    term.codes.forEach((code, i) => { if (code >= 0) term.x[i].forEach((x, e) => { Z[i][start + code * term.k + e] = x; }); });
    start += term.k * term.J;
  }
  return Z;
}

function designOf(request) {
  const { model, data } = request;
  if (request.form === "matrices") {
    const number = (rows) => rows.map((row) => Float64Array.from(row, Number));
    const a = request.arrays;
    return { y: a.y.map(Number), X: number(a.X), Z: number(a.Z), w: a.weights.map(Number), o: a.offset.map(Number),
             terms: model.terms.map((t) => ({ k: t.effects, J: t.levels })), reml: model.reml };
  }
  const used = Object.fromEntries(Object.keys(data.factors).map((f) => [f, data.columns[f]]));
  const known = { ...data, used };
  const y = data.columns[model.formula.split("~")[0].trim()].map(Number), n = y.length;
  const X = transpose(model.coefficients.map((name) => columnOf(known, name)), n);
  const terms = model.terms.map((term) => termOf(known, term));
  const own = (name, none) => (name ? data.columns[name].map(Number) : range(n).map(() => none));
  return { y, X, Z: Zof(terms, n), w: own(model.weights, 1), o: own(model.offset, 0), terms, reml: model.reml, known, used };
}

function mistaken(design) {                                 // mistakes about what comes in
  const d = { ...design };
  if (wrong("ml-for-reml")) d.reml = false;
  if (wrong("reml-for-ml")) d.reml = true;
  if (wrong("weights-ignored")) d.w = d.w.map(() => 1);
  if (wrong("weights-as-variances")) d.w = d.w.map((w) => 1 / w);
  if (wrong("weights-squared")) d.w = d.w.map((w) => w * w);
  if (wrong("weights-as-their-roots")) d.w = d.w.map(Math.sqrt);
  if (wrong("offset-ignored")) d.o = d.o.map(() => 0);
  if (wrong("offset-added")) d.o = d.o.map((o) => -o);
  return d;
}

// --- the model at theta ---------------------------------------------------------------------------

function places(design) {                                   // entries of theta: [row, column] in Lambda
  const found = [];
  let start = 0;
  for (const { k, J } of design.terms) {
    const pairs = range(k).flatMap((c) => range(k).filter((r) => r >= c).map((r) => [r, c]));
    if (wrong("row-major-theta")) pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    for (const [r, c] of pairs) found.push(range(J).map((j) => [start + j * k + r, start + j * k + c]));
    start += k * J;
  }
  return found;
}

function Lambda(design, theta) {
  const Lambda = zeros(design.Z[0].length, design.Z[0].length);
  const ordered = wrong("theta-as-variance") ? theta.map((t) => Math.sqrt(Math.abs(t))) : theta;
  places(design).forEach((at, i) => at.forEach(([r, c]) => {
    if (r === c || !wrong("theta-of-diagonal-alone")) Lambda[r][c] = ordered[i];
  }));
  return wrong("lambda-transposed") ? transpose(Lambda) : Lambda;
}

function at(design, theta) {
  const { X, Z, w } = design, n = X.length, p = X[0].length;
  const F = Lambda(design, theta), T = times(F, transpose(F)), Zt = transpose(Z);
  const ZT = times(Z, T);
  const marginal = plus(range(n).map((i) => Float64Array.from(range(n), (j) => (i === j ? 1 / w[i] : 0))), times(ZT, Zt, n));
  const V = inverse(marginal);
  const r0 = Float64Array.from(design.y, (y, i) => y - design.o[i]);
  const XV = times(transpose(X, p), V.inverse, n), information = p ? inverse(times(XV, X, p)) : { inverse: [], logdet: 0 };
  const beta = p ? apply(information.inverse, apply(XV, r0)) : new Float64Array(0);
  const r = r0.map((y, i) => y - dot(X[i], beta)), Vr = apply(V.inverse, r);
  const projection = p ? plus(V.inverse, times(times(transpose(XV, n), information.inverse, p), XV, n), -1) : V.inverse;
  const u = apply(transpose(F), apply(Zt, Vr));
  const dof = n - (design.reml ? p : 0);
  let divisor = dof;
  if (wrong("divisor-n")) divisor = n;
  if (wrong("divisor-n-minus-p")) divisor = n - p;
  let rss = dot(r, Vr);
  if (wrong("no-penalty")) rss -= dot(u, u);
  const sigma = Math.sqrt(rss / divisor);
  return { F, T, V: V.inverse, projection, beta, sigma, u, r, Vr, dof, information: information.inverse,
           criterion: criterion(design, V.logdet, information.logdet, rss, dof, n) };
}

function criterion(design, logdetV, logdetX, rss, dof, n) {
  let value = logdetV + dof * (1 + Math.log(2 * Math.PI * rss / dof));
  if (design.reml && !wrong("no-logdet-x")) value += logdetX;
  if (wrong("logdet-once")) value -= logdetV / 2;
  if (wrong("no-logdet-v")) value -= logdetV;
  if (wrong("no-two-pi")) value -= dof * Math.log(2 * Math.PI);
  if (wrong("ml-constants-in-reml")) value += n * (1 + Math.log(2 * Math.PI * rss / n)) - dof * (1 + Math.log(2 * Math.PI * rss / dof));
  if (wrong("no-constants")) value -= dof * (1 + Math.log(2 * Math.PI));
  if (wrong("constants-of-n")) value += (n - dof) * Math.log(2 * Math.PI);
  if (wrong("log-likelihood")) value /= -2;
  if (wrong("half-criterion")) value /= 2;
  if (wrong("sign-of-criterion")) value = -value;
  return value;
}

function gradient(design, theta) {
  const here = at(design, theta), { F, sigma, Vr } = here, Zt = transpose(design.Z);
  const P = design.reml ? here.projection : here.V;
  const inner = times(times(Zt, P), design.Z), a = apply(Zt, Vr);
  const by = wrong("gradient-without-residual") ? 0 : 1 / sigma ** 2;
  const G = times(plus(inner, [...a].map((x) => a.map((y) => x * y)), -by), F);
  const slopes = places(design).map((entries) => 2 * entries.reduce((sum, [r, c]) => sum + G[r][c], 0));
  if (!wrong("gradient-in-variances")) return slopes;
  return slopes.map((slope, i) => slope / (2 * theta[i]));
}

// --- the fit: Newton's steps with differences of the gradient ---------------------------------------

function starting(design) {
  return design.terms.flatMap(({ k }) => range(k).flatMap((c) => range(k).filter((r) => r >= c).map((r) => +(r === c))));
}

function held(design) {                                     // entries of theta that stay at zero
  return starting(design).map((t) => wrong("uncorrelated") && t === 0);
}

function hessian(design, theta) {
  const h = 1e-5;
  const rows = theta.map((_, i) => {
    const [up, down] = [h, -h].map((step) => gradient(design, theta.map((t, j) => t + (i === j ? step : 0))));
    return up.map((g, j) => (g - down[j]) / (2 * h));
  });
  return rows.map((row, i) => row.map((x, j) => (x + rows[j][i]) / 2));
}

function step(H, g) {
  for (let ridge = 0; ; ridge = ridge ? 10 * ridge : 1e-6 * Math.max(...diagonal(H).map(Math.abs))) {
    try {
      return apply(inverse(plus(H, scaled(identity(H.length), ridge))).inverse, g).map((x) => -x);
    } catch { if (ridge > 1e12) throw new Error("the Hessian has no inverse"); }
  }
}

function fitted(design) {
  let theta = starting(design);
  if (wrong("stayed-at-start")) return theta;
  let best = at(design, theta).criterion;
  for (let round = 0; round < 60; round++) {
    const free = (H) => H.map((row, i) => row.map((x, j) => (held(design)[i] || held(design)[j] ? +(i === j) : x)));
    const g = gradient(design, theta).map((x, i) => (held(design)[i] ? 0 : x));
    const direction = step(free(hessian(design, theta)), Float64Array.from(g));
    const largest = Math.max(...direction.map(Math.abs)), longest = Math.max(1, ...theta.map(Math.abs));
    let by = Math.min(1, 2 * longest / largest), next, value;
    do {
      next = theta.map((t, i) => t + by * direction[i]);
      value = at(design, next).criterion;
      by /= 2;
    } while (!(value <= best + 1e-9) && by > 1e-8);
    if (!(value <= best + 1e-9)) break;
    [theta, best] = [next, value];
    if (largest < 1e-11 * longest) break;
  }
  return positive(design, theta);
}

function positive(design, theta) {                          // columns of Lambda with a positive diagonal
  let i = 0;
  const out = [...theta];
  for (const { k } of design.terms)
    for (let c = 0; c < k; c++) {
      if (out[i] < 0) for (let r = 0; r < k - c; r++) out[i + r] *= -1;
      i += k - c;
    }
  return out;
}

// --- answers -----------------------------------------------------------------------------------------

function evaluateAnswers(design, theta) {
  const here = at(design, theta);
  let u = here.u;
  if (wrong("gamma-for-u")) u = apply(here.F, u);
  if (wrong("u-over-sigma")) u = u.map((x) => x / here.sigma);
  if (wrong("effects-first")) u = effectsFirst(design, u);
  const { criterion, beta, sigma } = here;
  return { criterion, beta, sigma, u, gradient: gradient(design, theta) };
}

function effectsFirst(design, u) {
  let start = 0;
  return design.terms.flatMap(({ k, J }) => {
    const part = range(k).flatMap((e) => range(J).map((j) => u[start + j * k + e]));
    start += k * J;
    return part;
  });
}

function covariances(design, here) {                        // of one level of each term
  let start = 0;
  return design.terms.map(({ k, J }) => {
    const part = range(k).map((r) => range(k).map((c) => here.sigma ** 2 * here.T[start + r][start + c]));
    start += k * J;
    return part;
  });
}

function fitAnswers(design) {
  const theta = fitted(design), here = at(design, theta), blocks = covariances(design, here);
  let sd = blocks.flatMap((S) => diagonal(S).map(Math.sqrt));
  let corr = blocks.flatMap((S) => range(S.length).flatMap((c) => range(S.length).filter((r) => r > c)
    .map((r) => S[r][c] / (wrong("covariance-for-correlation") ? 1 : Math.sqrt(S[r][r] * S[c][c])))));
  let { sigma, criterion, beta } = here;
  if (wrong("sign-of-correlation")) corr = corr.map((x) => -x);
  if (wrong("variance-for-sd")) sd = sd.map((x) => x * x);
  if (wrong("precision-for-sd")) sd = sd.map((x) => 1 / (x * x));
  if (wrong("sd-not-scaled-by-sigma")) sd = sd.map((x) => x / sigma);
  if (wrong("sd-at-one")) sd = sd.map(() => 1);
  if (wrong("variance-for-sigma")) sigma *= sigma;
  let answered = theta;
  if (wrong("theta-times-sigma")) answered = theta.map((t) => t * here.sigma);
  if (wrong("terms-reversed")) [answered, sd, corr] = [reversed(design, theta), reversed(design, sd, (k) => k), corr];
  return { theta: answered, criterion, beta, sigma, sd, corr };
}

function reversed(design, values, size = (k) => (k * (k + 1)) / 2) {
  let start = 0;
  const parts = design.terms.map(({ k }) => values.slice(start, (start += size(k))));
  return parts.reverse().flat();
}

function blocksOf(design, M) {
  let start = 0;
  return design.terms.map(({ k, J }) => {
    const part = range(J).map((j) => range(k).map((r) => range(k).map((c) => M[start + j * k + r][start + j * k + c])));
    start += k * J;
    return part;
  });
}

function inferenceAnswers(design, request) {
  const here = at(design, fitted(design)), { T, sigma } = here, Zt = transpose(design.Z), s2 = sigma ** 2;
  const TZ = times(T, Zt, design.y.length);
  const gamma = apply(TZ, here.Vr);
  const error = (P) => scaled(plus(T, times(times(TZ, P), transpose(TZ)), -1), s2);
  let condvar = error(here.V), pev = error(here.projection), vcov = scaled(here.information, s2), effects = gamma;
  if (wrong("vcov-by-the-other-divisor")) {
    const n = design.y.length, p = design.X[0].length;
    vcov = scaled(vcov, design.reml ? (n - p) / n : n / (n - p));
  }
  if (wrong("vcov-of-least-squares")) {
    const XtW = transpose(design.X.map((row, i) => row.map((x) => x * design.w[i])));
    vcov = scaled(inverse(times(XtW, design.X)).inverse, s2);
  }
  if (wrong("condvar-for-pev")) pev = condvar;
  if (wrong("pev-for-condvar")) condvar = pev;
  if (wrong("prior-for-condvar")) condvar = pev = scaled(T, s2);
  if (wrong("variance-of-estimates")) [condvar, pev] = [condvar, pev].map((C) => plus(scaled(T, s2), C, -1));
  if (wrong("variances-not-scaled-by-sigma")) [condvar, pev, vcov] = [condvar, pev, vcov].map((C) => scaled(C, 1 / s2));
  if (wrong("sign-of-effects")) effects = gamma.map((x) => -x);
  if (wrong("u-for-gamma")) effects = here.u;
  const fit = design.y.map((_, i) => design.o[i] + dot(design.X[i], here.beta) + dot(design.Z[i], gamma));
  return { vcov, ranef: ranefOf(design, effects), condvar: blocksOf(design, condvar), pev: blocksOf(design, pev),
           fitted: wrong("fitted-without-effects") ? fit.map((f, i) => f - dot(design.Z[i], gamma)) : fit,
           ...predictions(design, request, here, gamma, TZ) };
}

function ranefOf(design, gamma) {
  let start = 0;
  return design.terms.map(({ k, J }) => {
    const part = range(J).map((j) => [...gamma.slice(start + j * k, start + (j + 1) * k)]);
    start += k * J;
    return part;
  });
}

function predictions(design, request, here, gamma, TZ) {
  const { model, newdata } = request, n = Object.values(newdata.columns)[0].length, s2 = here.sigma ** 2;
  const known = { ...newdata, used: design.used };
  const X = transpose(model.coefficients.map((name) => columnOf(known, name)), n);
  const terms = model.terms.map((term) => termOf(known, term)), Z = Zof(terms, n);
  const o = model.offset && !wrong("offset-ignored") ? newdata.columns[model.offset].map(Number) : range(n).map(() => 0);
  const priors = covariances(design, here);
  const population = range(n).map((i) => o[i] + dot(X[i], here.beta));
  const variance = (i) => {
    const TZV = times(TZ, here.V), d = X[i].map((x, j) => x - dot(Z[i], apply(TZV, Float64Array.from(design.X, (row) => row[j]))));
    const conditional = scaled(plus(here.T, times(TZV, transpose(TZ)), -1), s2);
    const unseen = terms.reduce((sum, t, k) => sum + (t.codes[i] < 0 ? dot(t.x[i], apply(priors[k], t.x[i])) : 0), 0);
    const fixed = wrong("se-without-beta") ? 0 : s2 * dot(d, apply(here.information, d));
    const added = wrong("residual-variance-added") ? s2 : 0;
    return dot(Z[i], apply(conditional, Z[i])) + fixed + added + (wrong("new-level-without-variance") ? 0 : unseen);
  };
  const ofMean = (i) => s2 * dot(X[i], apply(here.information, X[i])) + (wrong("residual-variance-added") ? s2 : 0);
  const root = wrong("variance-for-se") ? (x) => x : Math.sqrt;
  return { predicted: population.map((m, i) => m + dot(Z[i], gamma)), population,
           se_predicted: range(n).map((i) => root(variance(i))), se_population: range(n).map((i) => root(ofMean(i))) };
}

// --- the protocol --------------------------------------------------------------------------------------

const plain = (value) => {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value, plain);
  if (wrong("rounded")) value = Number(value.toFixed(4));
  return Number.isFinite(value) ? value : String(value).replace("Infinity", "inf").replace("NaN", "nan");
};

function answers(request) {
  const design = mistaken(designOf(request));
  if (request.level === "evaluate") return evaluateAnswers(design, request.theta.map(Number));
  if (request.level === "fit") return fitAnswers(design);
  if (request.level === "inference") return inferenceAnswers(design, request);
  throw new Error(`no level ${request.level}`);
}

function respond(request) {
  if (request.cmd === "start")
    return { version: 1, implementation: { name: `mixed.mjs ${PLANTED}`.trim(), version: "1", language: `node ${process.versions.node}` } };
  if (!["evaluate", "fit", "inference"].includes(request.level)) return { id: request.id, skip: "not offered" };
  try {
    const all = answers(request), asked = {}, skipped = {};
    for (const quantity of request.asked)
      if (quantity in all) asked[quantity] = plain(all[quantity]); else skipped[quantity] = "not offered";
    return { id: request.id, answers: asked, skipped };
  } catch (error) {
    return { id: request.id, error: String(error.message) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (request.cmd === "stop") break;
  process.stdout.write(JSON.stringify(respond(request)) + "\n");
}
process.exit(0);
