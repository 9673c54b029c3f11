// <copy-link> around <input readonly>: a button that copies it and says so.
import { icon, make } from "./draw.js";
import { say } from "./words.js";

class CopyLink extends HTMLElement {
  connectedCallback() {
    const input = this.querySelector("input");
    if (!input || this.button) return;
    this.button = make("button", { type: "button", class: "button", onclick: () => this.copy(input) }, icon("copy"), make("span", { "aria-live": "polite" }, say("复制")));
    input.addEventListener("focus", () => input.select());
    this.append(this.button);
  }

  async copy(input) {
    input.select();
    const copied = await navigator.clipboard?.writeText(input.value).then(() => true, () => false);
    const words = this.button.querySelector("span");
    words.textContent = copied ? say("已复制") : say("按 Ctrl+C 复制");
    setTimeout(() => { words.textContent = say("复制"); }, 2500);
  }
}

customElements.define("copy-link", CopyLink);
