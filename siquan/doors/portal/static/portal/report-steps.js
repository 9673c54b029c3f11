// <report-steps data-next data-back data-skip data-where data-say> around the report form: one question after the other.
// Each section[data-step] is a screen of its own; the step lives in the address (#step-2), so that the back button
// of the phone goes one step back, and a reload comes back to the same one. Without this module it is one long form.
import { icon, make } from "../web/elements/draw.js";
import { readPlace } from "../web/elements/place.js";

class ReportSteps extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    if (!this.form || this.bar) return;
    this.sections = [...this.form.querySelectorAll("section[data-step]")];
    this.bar = this.form.querySelector(".bottom-bar");
    this.send = this.bar.querySelector("button");
    this.build();
    // Before <once-form> hears of it: Enter in a text field goes one step on, it does not send half a report.
    this.addEventListener("submit", (event) => this.onSubmit(event), true);
    for (const name of ["change", "photos:changed"]) this.form.addEventListener(name, () => this.name());
    for (const name of ["input", "place:changed"]) this.form.addEventListener(name, () => this.hasPlace() && this.missing?.remove());
    this.form.addEventListener("click", () => setTimeout(() => this.name(), 0));
    this.onHash = () => this.show(this.fromAddress(), true);
    window.addEventListener("hashchange", this.onHash);
    this.classList.add("is-stepped");
    const wrong = this.sections.findIndex((section) => section.querySelector(".field--wrong"));
    if (wrong >= 0) this.goTo(wrong, false);
    else this.show(this.fromAddress(), false);
    this.openErrors();
  }

  disconnectedCallback() {
    window.removeEventListener("hashchange", this.onHash);
  }

  fromAddress() {
    const n = Number(location.hash.replace("#step-", "")) - 1;
    return this.sections[n] ? n : 0;
  }

  build() {
    this.list = make("ol", { class: "steps", "aria-label": this.querySelector("h1").textContent },
      ...this.sections.map((section) => make("li", {}, section.dataset.step)));
    this.form.before(this.list);
    this.back = make("button", { type: "button", class: "button button--quiet", onclick: () => history.back() }, icon("chevron-left"), this.dataset.back);
    this.nextWords = make("span", {}, this.dataset.next);
    this.next = make("button", { type: "button", class: "button button--primary", onclick: () => this.goOn() }, this.nextWords, icon("chevron-right"));
    this.bar.prepend(this.back, this.next);
  }

  // A link of the error summary leads into a section that may be out of sight.
  openErrors() {
    for (const link of this.form.querySelectorAll(".error-summary a")) {
      link.addEventListener("click", (event) => {
        const field = document.getElementById(link.getAttribute("href").slice(1));
        const n = this.sections.findIndex((section) => section.contains(field));
        if (n < 0) return;
        event.preventDefault();
        this.goTo(n, false);
        field.focus();
      });
    }
  }

  onSubmit(event) {
    // The button that sends what was left unsent last time stands in every step.
    if (this.now === this.sections.length - 1 || event.submitter?.closest(".once-form__state")) return;
    event.preventDefault();
    event.stopPropagation();
    this.goOn();
  }

  goOn() {
    if (this.now === 1 && !this.hasPlace()) return this.askForPlace();
    this.goTo(this.now + 1, true);
  }

  hasPlace() {
    return readPlace(this.form) || this.form.elements.place.value.trim();
  }

  askForPlace() {
    this.missing ??= make("p", { class: "ask__missing", role: "alert" });
    this.missing.replaceChildren(icon("warn"), this.dataset.where);
    this.sections[1].querySelector("h2").after(this.missing);
    this.form.elements.place.focus();
  }

  goTo(n, move) {
    history.pushState(null, "", `#step-${n + 1}`);
    this.show(n, move);
  }

  show(n, move) {
    this.now = n;
    this.missing?.remove();
    this.sections.forEach((section, place) => { section.hidden = place !== n; });
    [...this.list.children].forEach((item, place) => {
      item.classList.toggle("is-done", place < n);
      if (place === n) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    });
    const last = n === this.sections.length - 1;
    this.back.hidden = n === 0;
    this.next.hidden = last;
    this.send.hidden = !last;
    this.name();
    // A map that was opened out of sight does not know its size yet.
    requestAnimationFrame(() => this.sections[n].querySelector("case-map")?.map?.resize());
    if (!move) return;
    window.scrollTo({ top: 0 });
    this.sections[n].querySelector("h2").focus({ preventScroll: true });
  }

  // Without a photo the button says so: nobody should think that one is needed.
  name() {
    const empty = this.now === 0 && !this.form.querySelector('input[name="photos"]').files.length;
    this.nextWords.textContent = empty ? this.dataset.skip : this.dataset.next;
  }
}

customElements.define("report-steps", ReportSteps);
