// What can be seen on a page of the book; run by tests/browser.py, which returns it to the tests.
const numbers = (color) => (color.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);

function luminance([red, green, blue]) {
  const linear = (c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

// The ground that an element stands on: the nearest that is not transparent.
function ground(element) {
  for (let at = element; at; at = at.parentElement) {
    const color = numbers(getComputedStyle(at).backgroundColor);
    if (color.length < 4 || color[3] === 1) return color;
  }
  return [255, 255, 255];
}

// As the Web Content Accessibility Guidelines define it; 4.5 is enough for text.
function contrast(element) {
  const pair = [numbers(getComputedStyle(element).color), ground(element)].map(luminance);
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
}

// The worst of each kind of element; three of a kind are asked, as a page has thousands.
function contrasts() {
  const worst = {};
  const asked = {};
  const texts = "h1, h2, p, li, td, th, a, code, pre span, .katex, .eqno, .note, label, output";
  for (const element of document.querySelectorAll(`article :is(${texts})`)) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    const name = `${element.tagName.toLowerCase()}.${element.className}`;
    if (asked[name] >= 3 || !element.checkVisibility() || !(own || element.matches(".katex"))) continue;
    asked[name] = (asked[name] || 0) + 1;
    worst[name] = Math.min(worst[name] || 21, contrast(element));
  }
  return worst;
}

// Formulas are left out: KaTeX keeps their TeX for screen readers and copying.
function prose() {
  const copy = document.querySelector("article").cloneNode(true);
  copy.querySelectorAll(".katex, pre, code, script").forEach((element) => element.remove());
  return copy.textContent;
}

const count = (selector) => document.querySelectorAll(selector).length;

return {
  formulas: count(".math"),
  rendered: count(".math > .katex, .math > .katex-display > .katex"),
  errors: count(".katex-error, .problematic, .system-message"),
  prose: prose(),
  contrasts: contrasts(),
  width: document.documentElement.scrollWidth,
};
