// <call-desk>: a call is answered without the mouse. A letter or digit presses what carries it as data-key, Enter
// saves and brings the next call, Escape leaves the words. A verdict means that somebody answered; a call in vain
// has no verdict. Off by the switch for shortcuts in the user menu; everything works by mouse and without this file.
const TYPING = "textarea, select, input:not([type=checkbox], [type=radio], [type=button])";
const WORTH_PRESSING = "a, button, summary";

class CallDesk extends HTMLElement {
  connectedCallback() {
    this.onKey = (event) => this.press(event);
    document.addEventListener("keydown", this.onKey);
    this.addEventListener("change", (event) => this.agree(event.target));
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
  }

  press(event) {
    const off = document.documentElement.dataset.keys === "off";
    if (off || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (event.key === "Enter") return this.enter(event);
    if (event.target.matches(TYPING)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const target = /^[a-z1-5]$/i.test(event.key) && this.querySelector(`[data-key="${event.key.toLowerCase()}"]`);
    if (!target) return;
    event.preventDefault();
    target.focus();
    if (target.matches("textarea")) return;
    if (target.matches("[type=radio]")) {
      target.checked = true;
      target.dispatchEvent(new Event("change", { bubbles: true }));
    } else {
      target.click();
    }
  }

  enter(event) {
    const form = this.querySelector("form[data-main]");
    if (!form || event.shiftKey || event.target.matches(WORTH_PRESSING)) return;
    event.preventDefault();
    if (this.sent) return;
    this.sent = true;
    form.requestSubmit();
  }

  agree(changed) {
    const of = (name) => [...this.querySelectorAll(`[name="${name}"]`)];
    if (["solved", "satisfied"].includes(changed.name) && changed.checked) {
      for (const each of of("outcome")) each.checked = each.value === "answered";
    }
    if (changed.name === "outcome" && changed.value !== "answered") {
      for (const name of ["solved", "satisfied", "contacted", "reopen"]) {
        for (const each of of(name)) each.checked = false;
      }
    }
  }
}

customElements.define("call-desk", CallDesk);
