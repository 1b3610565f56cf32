// Beneath each result of a search: the place where the page says it.
const BEFORE = 80, LONG = 240;
let words = [];

// What was asked for: each word, and what is left of it without its ending, as Sphinx finds both.
function asked() {
  const query = new URLSearchParams(location.search).get("q") || "";
  const stem = (word) => new Stemmer().stemWord(word);
  return query.toLowerCase().split(/[\s"]+/).filter(Boolean).map((word) => [word, stem(word)]);
}

const forms = (text) => words.map((pair) => pair.find((form) => text.includes(form))).filter(Boolean);
const places = (text) => forms(text.toLowerCase()).map((form) => text.toLowerCase().indexOf(form));

// Of the section that is linked to, or else of the one with most of the words.
function best(page, anchor) {
  const sections = (window.EXCERPTS[page] || []).filter(([id]) => !anchor || id === anchor);
  const found = (section) => places(section[1]).length;
  return sections.reduce((a, b) => (found(b) > found(a) ? b : a), sections[0]);
}

function excerpt(text) {
  const first = Math.max(0, Math.min(...places(text), text.length) - BEFORE);
  const from = places(text).length && first ? text.indexOf(" ", first) + 1 : 0;
  const to = text.length > from + LONG ? text.lastIndexOf(" ", from + LONG) : text.length;
  return (from ? "\u2026 " : "") + text.slice(from, to) + (to < text.length ? " \u2026" : "");
}

function show(item) {
  const link = item.querySelector("a");
  const [page, anchor] = link.getAttribute("href").split("#");
  const section = best(page.replace(/\.html$/, ""), anchor);
  if (!section || !section[1]) return;
  const line = document.createElement("p");
  line.className = "excerpt";
  line.textContent = excerpt(section[1]);
  item.append(line);
  forms(line.textContent.toLowerCase()).forEach((form) => _highlightText(line, form, "highlighted"));
  if (!anchor && places(section[1]).length) link.href = `${page}#${section[0]}`;
}

document.addEventListener("DOMContentLoaded", () => {
  words = asked();
  const added = (records) => records.flatMap((record) => [...record.addedNodes]);
  const items = (nodes) => nodes.filter((node) => node.matches && node.matches("ul.search > li"));
  const watch = new MutationObserver((records) => items(added(records)).forEach(show));
  watch.observe(document.getElementById("search-results"), { childList: true, subtree: true });
});
