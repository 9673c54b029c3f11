// <alike-cases data-url> in the report form: asks, once a place and some words are given, whether somebody has reported
// the same, and shows the open cases with a button that joins instead of doubling. Photos are not sent for this.
// Under this name the tab remembers, until the next page, that somebody pressed “I see it too”.
export const JOINING = "joining";
const WAIT = 700; // milliseconds after the last key
const FIELDS = ["csrfmiddlewaretoken", "key", "place", "lon", "lat", "text", "category"];

class AlikeCases extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.box = this.querySelector(".alike");
    if (!this.form || !this.box || this.asked !== undefined) return;
    this.asked = "";
    for (const name of ["input", "change", "place:changed", "draft:restored"]) {
      this.form.addEventListener(name, () => this.later());
    }
    document.getElementById("join-form")?.addEventListener("submit", () => sessionStorage.setItem(JOINING, "1"));
    this.later();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    const given = new FormData(this.form);
    const body = new URLSearchParams(FIELDS.map((name) => [name, String(given.get(name) ?? "")]));
    const hasPlace = body.get("place") || (body.get("lon") && body.get("lat"));
    const hasWords = body.get("category") || body.get("text").trim().length > 3;
    const now = hasPlace && hasWords ? body.toString() : "";
    if (now === this.asked) return;
    this.asked = now;
    if (!now) return this.box.replaceChildren();
    const answer = await fetch(this.dataset.url, { method: "POST", body, headers: { "X-Part": "1" } }).catch(() => null);
    if (!answer?.ok || this.asked !== now) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    this.box.replaceChildren(...found.body.childNodes);
  }
}

customElements.define("alike-cases", AlikeCases);
