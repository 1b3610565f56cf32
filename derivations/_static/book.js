// One switch opens and closes the folded code of all pages; the browser remembers it.
const KEY = "refmixed-code";
const folded = () => document.querySelectorAll("details.hide.above-input");

function remembered() {
  try { return localStorage.getItem(KEY) === "open"; } catch { return false; }
}
function remember(open) {
  try { localStorage.setItem(KEY, open ? "open" : "closed"); } catch { /* it is forgotten */ }
}

function switched() {
  const label = document.createElement("label");
  label.className = "code-switch";
  label.innerHTML = '<input type="checkbox"> Show all code';
  const box = label.firstChild;
  box.checked = remembered();
  box.addEventListener("change", () => {
    remember(box.checked);
    folded().forEach((details) => { details.open = box.checked; });
  });
  return label;
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelector(".content-icon-container").prepend(switched());
  if (remembered()) folded().forEach((details) => { details.open = true; });
});

// On paper nothing can be opened: what is folded and is no code is printed.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not(.hide, [open])")];
  opened.forEach((details) => { details.open = true; });
});
addEventListener("afterprint", () => opened.forEach((details) => { details.open = false; }));
