// <case-pane data-list="/cases/">: on a wide screen a case opens beside the list, and the address says which one.
// Without JavaScript, and on a phone, the link leads to the case's own page.
const WIDE = "(min-width: 64rem)";

class CasePane extends HTMLElement {
  connectedCallback() {
    this.thing = this.querySelector(".case-split__thing");
    if (!this.thing) return;
    this.addEventListener("click", (event) => this.onClick(event));
  }

  onClick(event) {
    const link = event.target.closest("a[data-open]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button || !matchMedia(WIDE).matches || !window.htmx) return;
    event.preventDefault();
    this.open(link);
  }

  async open(link) {
    const address = new URL(location);
    address.searchParams.set("case", link.dataset.open);
    history.replaceState(history.state, "", address);
    for (const row of this.querySelectorAll("[data-number]")) row.classList.toggle("is-current", row.dataset.number === link.dataset.open);
    this.classList.add("is-waiting");
    await window.htmx.ajax("GET", link.pathname, { target: this.thing, swap: "innerHTML" });
    this.classList.remove("is-waiting");
    this.classList.add("has-case");
    this.thing.scrollTop = 0;
    link.focus({ preventScroll: true });
  }
}

// <pick-many data-name="case"> in a form: ticks all, counts, and holds back the button until something is ticked.
class PickMany extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.all = this.querySelector("[data-all]");
    this.says = this.querySelector("[data-count]");
    this.form.addEventListener("change", (event) => this.onChange(event));
    document.addEventListener("keydown", (event) => this.onKey(event));
    this.count();
  }

  get boxes() {
    return [...this.form.querySelectorAll(`input[type="checkbox"][name="${this.dataset.name}"]`)];
  }

  onChange(event) {
    if (event.target === this.all) for (const box of this.boxes) box.checked = this.all.checked;
    this.count();
  }

  // x ticks the row one stands on, as j and k move between rows.
  onKey(event) {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=checkbox]), textarea, select")) return;
    const box = document.activeElement?.closest("li, tr")?.querySelector(`input[name="${this.dataset.name}"]`);
    if (!box || document.documentElement.dataset.keys === "off") return;
    box.checked = !box.checked;
    this.count();
  }

  count() {
    const n = this.boxes.filter((box) => box.checked).length;
    const button = this.querySelector("[data-needs]");
    button.setAttribute("aria-disabled", String(!n));
    button.onclick = (event) => n || event.preventDefault();
    this.all.checked = n > 0 && n === this.boxes.length;
    this.all.disabled = !this.boxes.length;
    this.says.textContent = n ? this.dataset.words.replace("{n}", n) : "";
  }
}

// "Not now" in a form that was opened in place closes it there.
document.addEventListener("click", (event) => {
  const cancel = event.target.closest("[data-cancel]");
  const place = cancel?.closest("#act, #say, #again");
  if (!place) return;
  event.preventDefault();
  place.replaceChildren();
});

// The form that has just been opened in place takes the focus.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (!detail.target.matches("#act, #say, #again")) return;
  const first = detail.target.querySelector(":is(input:not([type=hidden], .photo-picker__input), select, textarea, button):not([hidden])");
  requestAnimationFrame(() => first?.focus());
});

customElements.define("case-pane", CasePane);
customElements.define("pick-many", PickMany);
