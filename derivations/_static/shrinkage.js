// Draws how county means shrink, for the page shrinkage.  Without scripts the page shows a picture.
"use strict";

const ROWS = [
  ["means", "mean of the respondents"],
  ["partial", "posterior mean"],
  ["truth", "truth"],
];
const SLIDERS = [
  // name, label, least, most, step
  ["sigma", "standard deviation within counties, <i>σ</i>", 0, 30, 0.5],
  ["sigma_gamma", "standard deviation between counties, <i>σ<sub>γ</sub></i>", 0, 20, 0.5],
  ["size", "respondents in a county, <i>n</i>", 1, 60, 1],
  ["counties", "number of counties", 2, 60, 1],
];
const HEIGHT = 345, LEFT = 20, TOP = 40, GAP = 115; // in pixels
const RANGE = [0, 100]; // of answers

function sizes(settings, draws) {
  const shares = settings.unequal ? draws.share : draws.share.map(() => 1);
  return shares.slice(0, settings.counties).map((s) => Math.max(1, Math.round(s * settings.size)));
}

// The estimates of the model in which sigma and sigma_gamma are known.
function estimate(settings, mean, draws) {
  const { sigma, sigma_gamma: between } = settings;
  const n = sizes(settings, draws);
  const truth = n.map((_, j) => mean + between * draws.county[j]);
  const means = n.map((n_j, j) => truth[j] + (sigma / Math.sqrt(n_j)) * draws.noise[j]);
  const V = n.map((n_j) => between ** 2 + sigma ** 2 / n_j);
  const weights = V.map((v) => (Math.min(...V) > 0 ? 1 / v : 1));
  const grand = sum(means.map((y, j) => weights[j] * y)) / sum(weights);
  const kappa = V.map((v) => (v > 0 ? between ** 2 / v : 1));
  const partial = means.map((y, j) => grand + kappa[j] * (y - grand));
  return { n, truth, means, grand, kappa, partial };
}

function sum(values) {
  return values.reduce((a, b) => a + b, 0);
}

function error(values, truth) {
  return Math.sqrt(sum(values.map((v, j) => (v - truth[j]) ** 2)) / truth.length).toFixed(1);
}

function describe(e) {
  const [low, high] = [Math.min(...e.kappa), Math.max(...e.kappa)].map((k) => k.toFixed(2));
  return (
    `A county keeps ${low === high ? low : `${low} to ${high}`} of its deviation. ` +
    "Root mean squared error of these counties: " +
    `no pooling ${error(e.means, e.truth)}, ` +
    `partial pooling ${error(e.partial, e.truth)}, ` +
    `complete pooling ${error(e.truth.map(() => e.grand), e.truth)}.`
  );
}

function svg(name, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

// The places of answers on a line, for a picture of this width; what lies outside stays at the edge.
function scale(width) {
  const [low, high] = RANGE;
  const part = (value) => (Math.min(Math.max(value, low), high) - low) / (high - low);
  return (value) => LEFT + part(value) * (width - 2 * LEFT);
}

function draw(picture, width, e) {
  const x = scale(width);
  const y = (row) => TOP + row * GAP;
  const line = (row, from, to, j) =>
    svg("line", { class: to, x1: x(e[from][j]), y1: y(row), x2: x(e[to][j]), y2: y(row + 1) });
  const all = svg("line", { class: "all", x1: x(e.grand), x2: x(e.grand), y1: y(0) - 10, y2: y(2) });
  const lines = e.n.flatMap((_, j) => [line(1, "partial", "truth", j), line(0, "means", "partial", j)]);
  const points = ROWS.flatMap(([name], row) =>
    e[name].map((value) =>
      svg("circle", { class: name, cx: x(value), cy: y(row), r: 4, "data-value": value }),
    ),
  );
  const labels = ROWS.map(([, label], row) => svg("text", { x: LEFT, y: y(row) - 14 }, label));
  picture.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  picture.replaceChildren(axis(x, y(2) + 22), all, ...lines, ...points, ...labels);
}

function axis(x, y) {
  const group = svg("g", { class: "axis" });
  group.append(svg("line", { x1: x(RANGE[0]), x2: x(RANGE[1]), y1: y, y2: y }));
  for (let value = RANGE[0]; value <= RANGE[1]; value += 20) {
    group.append(svg("line", { x1: x(value), x2: x(value), y1: y, y2: y + 5 }));
    group.append(svg("text", { x: x(value), y: y + 20, "text-anchor": "middle" }, String(value)));
  }
  group.append(svg("text", { x: x(50), y: y + 40, "text-anchor": "middle" }, "answer"));
  return group;
}

function slider([name, label, min, max, step], settings, redraw) {
  const row = document.createElement("label");
  const input = Object.assign(document.createElement("input"), { type: "range", name, min, max, step });
  const output = document.createElement("output");
  input.value = settings[name];
  output.textContent = input.value;
  input.addEventListener("input", () => {
    settings[name] = Number(input.value);
    output.textContent = input.value;
    redraw();
  });
  row.append(Object.assign(document.createElement("span"), { innerHTML: label }), input, output);
  return row;
}

function checkbox(settings, redraw) {
  const row = document.createElement("label");
  const input = Object.assign(document.createElement("input"), { type: "checkbox", name: "unequal" });
  input.addEventListener("change", () => {
    settings.unequal = input.checked;
    redraw();
  });
  row.append(input, " counties of unequal size, from n/4 to 4n respondents");
  return row;
}

function start() {
  const { start: settings, mean, draws } = JSON.parse(document.getElementById("shrinkage-data").textContent);
  const place = document.getElementById("shrinkage");
  const form = document.createElement("form");
  const picture = svg("svg", { role: "img" });
  const words = Object.assign(document.createElement("p"), { className: "words" });
  words.setAttribute("aria-live", "polite");
  const redraw = () => {
    const e = estimate(settings, mean, draws);
    draw(picture, Math.min(place.clientWidth, 800), e);
    words.textContent = describe(e);
    picture.setAttribute("aria-label", `Estimates for ${e.n.length} counties. ${words.textContent}`);
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.append(...SLIDERS.map((each) => slider(each, settings, redraw)), checkbox(settings, redraw));
  place.append(form, picture, words);
  redraw();
  window.addEventListener("resize", redraw);
  document.querySelectorAll(".tag_shrinkage-picture").forEach((cell) => (cell.hidden = true));
}

start();
