// Load only the custom elements that stand on this page, now and after each part htmx brings.
const known = [
  "case-map", "place-picker", "photo-picker", "once-form", "list-keys",
  "auto-submit", "before-after", "copy-link", "dialog-opener", "relative-time",
];

function load(root) {
  for (const name of known) {
    if (!customElements.get(name) && (root.querySelector(name) || root.localName === name)) {
      import(`./${name}.js`);
    }
  }
}

load(document);
document.addEventListener("htmx:load", (event) => load(event.detail.elt));
