// <search-select> around a <select>: type to find one of many options. The select stays, out of sight, and is what
// the form sends; without JavaScript it is simply there. A change is told by the select's own `change` event.
import { make } from "./draw.js";
import { say } from "./words.js";

const MOST = 60; // options drawn at once; typing narrows further

class SearchSelect extends HTMLElement {
  active = -1;

  connectedCallback() {
    this.select = this.querySelector("select");
    if (!this.select || this.input) return;
    const id = this.select.id || `search-select-${document.querySelectorAll("search-select").length}`;
    this.list = make("ul", { id: `${id}-list`, role: "listbox", class: "combo__list", hidden: true, "aria-label": this.select.labels?.[0]?.textContent ?? "" });
    this.input = make("input", { type: "text", role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id });
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (this.select.hasAttribute(name)) this.input.setAttribute(name, this.select.getAttribute(name));
    }
    // The label now speaks for the field people type into.
    this.select.id = `${id}-value`;
    this.input.id = id;
    const wasFocused = document.activeElement === this.select;
    this.select.required = false;
    this.select.hidden = true;
    const box = make("div", { class: "combo" });
    this.append(box);
    box.append(this.input, this.list);
    this.show();
    if (wasFocused) this.input.focus();
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("click", () => this.search(""));
    this.input.addEventListener("input", () => this.search(this.input.value));
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.leave(), 150));
    this.select.addEventListener("change", () => this.show());
  }

  get empty() {
    return [...this.select.options].find((option) => option.value === "");
  }

  show() {
    const chosen = this.select.selectedOptions[0];
    this.input.value = chosen && chosen.value ? chosen.textContent.trim() : "";
    this.input.placeholder = this.empty?.textContent.trim() ?? "";
  }

  search(typed) {
    const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (option) => words.every((word) => `${option.textContent} ${option.value} ${option.parentElement.label ?? ""}`.toLowerCase().includes(word));
    this.found = [...this.select.options].filter(fits).slice(0, MOST);
    let group = null;
    const items = [];
    for (const [n, option] of this.found.entries()) {
      const label = option.parentElement.label ?? "";
      if (label && label !== group) items.push(make("li", { role: "presentation", class: "combo__group" }, label));
      group = label;
      items.push(this.item(option, n));
    }
    if (!items.length) items.push(make("li", { role: "presentation", class: "combo__group" }, say("没有找到，换一个词。")));
    this.list.replaceChildren(...items);
    this.mark(-1);
    this.open(true);
  }

  item(option, n) {
    return make("li", { role: "option", id: `${this.list.id}-${n}`, "aria-selected": "false", onmousedown: (event) => {
      event.preventDefault();
      this.choose(n);
    } }, option.textContent.trim());
  }

  onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (this.list.hidden) {
      if (!step) return;
      this.search("");
    } else if (step) this.mark((this.active + step + this.found.length + (this.active < 0 && step < 0 ? 1 : 0)) % Math.max(this.found.length, 1));
    else if (event.key === "Enter" && this.found.length && (this.active >= 0 || this.input.value.trim())) this.choose(Math.max(this.active, 0));
    else if (event.key === "Escape") this.leave();
    else return;
    event.preventDefault();
  }

  mark(n) {
    this.active = n;
    for (const item of this.list.querySelectorAll('[role="option"]')) {
      const is = item.id === `${this.list.id}-${n}`;
      item.setAttribute("aria-selected", String(is));
      if (is) item.scrollIntoView({ block: "nearest" });
    }
    if (n >= 0) this.input.setAttribute("aria-activedescendant", `${this.list.id}-${n}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  choose(n) {
    this.select.value = this.found[n].value;
    this.open(false);
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // What was typed but not chosen is put back; an emptied field means the empty option.
  leave() {
    if (this.list.hidden) return;
    this.open(false);
    if (!this.input.value.trim() && this.empty && this.select.value) {
      this.select.value = "";
      this.select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    this.show();
  }

  open(yes) {
    this.list.hidden = !yes;
    this.input.setAttribute("aria-expanded", String(yes));
  }
}

customElements.define("search-select", SearchSelect);
