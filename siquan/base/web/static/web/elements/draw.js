// Make elements without markup in strings: what users wrote stays text.
const sprite = new URL("../icons.svg", import.meta.url).pathname;
const SVG = "http://www.w3.org/2000/svg";

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

const shapes = { good: "M0 5a5 5 0 1 0 10 0a5 5 0 1 0-10 0z", watch: "M5 .5 10 9.5H0z", late: "M.5.5h9v9h-9z" };

// The shape of good ●, watch ▲, late ■; anything else is a ring.
export function shape(kind) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 10 10");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", shapes[kind] ?? "M5 0a5 5 0 1 0 0 10a5 5 0 1 0 0-10zM5 3.2a1.800 1.800 0 1 1 0 3.600a1.800 1.800 0 1 1 0-3.600z");
  path.setAttribute("fill-rule", "evenodd");
  svg.append(path);
  return svg;
}
