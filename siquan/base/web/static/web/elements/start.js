import "./answers.js";

// Load only the custom elements that stand on this page, now and after each part htmx brings.
const known = [
  "area-marker", "auto-submit", "before-after", "case-map", "copy-link", "dialog-opener",
  "list-keys", "once-form", "pass-key", "photo-picker", "place-picker", "search-select",
];

function load(root) {
  for (const name of known) {
    if (!customElements.get(name) && (root.localName === name || root.querySelector(name))) {
      import(`./${name}.js`).catch((error) => console.error(`${name} did not load`, error));
    }
  }
}

// On a phone each row of such a table becomes a card, whose cells say which column they are.
function labelCells(root) {
  for (const table of root.querySelectorAll("table[data-cards]")) {
    // A head that only a screen reader hears stands over buttons, which speak for themselves.
    const word = (head) => head.dataset.label ?? (head.querySelector(".visually-hidden") ? "" : head.textContent.trim());
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map(word);
    for (const row of [...table.tBodies].flatMap((body) => [...body.rows])) {
      const title = row.querySelector("th") ?? row.cells[0];
      title?.classList.add("is-title");
      for (const cell of row.cells) if (cell !== title && cell.colSpan === 1) cell.dataset.label ??= heads[cell.cellIndex] ?? "";
    }
    table.classList.add("table--cards");
  }
}

// A menu closes when one looks elsewhere or presses Escape.
function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (event.type === "click" && menu.contains(event.target)) continue;
    menu.open = false;
    if (event.type === "keydown" && menu.contains(event.target)) menu.querySelector("summary").focus();
  }
}

// Rail and tabs scroll sideways on a phone: where one is stands in sight.
function showCurrent() {
  for (const here of document.querySelectorAll(".rail [aria-current], .tabs [aria-current]")) {
    const strip = here.closest("ul, .tabs");
    strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
  }
}

load(document);
labelCells(document);
showCurrent();
document.addEventListener("htmx:load", (event) => { load(event.detail.elt); labelCells(event.detail.elt.parentElement ?? event.detail.elt); });
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", (event) => event.key === "Escape" && closeMenus(event));
document.getElementById("errors")?.focus();
