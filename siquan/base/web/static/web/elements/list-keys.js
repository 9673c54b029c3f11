// <list-keys data-list="#rows"> (one list or several): j and k move from row to row, Enter opens, / goes to the search field,
// a letter presses the button with that data-key. Off while typing, and off for good by the switch in the user menu.
const TYPING = "input:not([type=checkbox], [type=radio], [type=range], [type=button]), textarea, select, [contenteditable]";

class ListKeys extends HTMLElement {
  connectedCallback() {
    this.onKey = (event) => this.press(event);
    document.addEventListener("keydown", this.onKey);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
  }

  press(event) {
    const off = document.documentElement.dataset.keys === "off";
    if (off || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.target.matches(TYPING)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (this.act(event.key)) event.preventDefault();
  }

  act(key) {
    if (key === "j") return this.move(1);
    if (key === "k") return this.move(-1);
    if (!/^[a-z/?]$/i.test(key)) return false;
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? (key === "/" ? document.querySelector('input[type="search"]') : null);
    if (!target || target.disabled) return false;
    target.focus();
    if (!target.matches("input")) target.click();
    return true;
  }

  move(step) {
    const rows = [...document.querySelectorAll(this.dataset.list)].flatMap((list) => [...list.children]);
    const links = rows.map((row) => row.querySelector("a[href]")).filter(Boolean);
    if (!links.length) return false;
    const here = links.findIndex((link) => link.closest("li, tr").contains(document.activeElement));
    const there = here < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + step, 0), links.length - 1);
    links[there].focus();
    links[there].scrollIntoView({ block: "nearest" });
    return true;
  }
}

customElements.define("list-keys", ListKeys);
