// <before-after> around two figures: lays them over each other with a slider; the words of both stay below.
import { make } from "./draw.js";
import { say } from "./words.js";

class BeforeAfter extends HTMLElement {
  connectedCallback() {
    const [before, after] = this.querySelectorAll("figure");
    if (!after || this.slider) return;
    this.slider = make("input", { type: "range", min: 0, max: 100, value: 50, class: "before-after__slider", "aria-label": say("拖动比较前后"), oninput: () => this.show() });
    const stage = make("div", { class: "before-after__stage" }, ...[after, before].map((figure) => figure.querySelector("img")), make("span", { class: "before-after__edge", "aria-hidden": "true" }), this.slider);
    const words = make("div", { class: "before-after__words" }, before, after);
    this.classList.add("is-over");
    this.replaceChildren(stage, words);
    this.show();
  }

  show() {
    this.style.setProperty("--cut", `${this.slider.value}%`);
    this.slider.setAttribute("aria-valuetext", say("露出处置前 {p}%", { p: this.slider.value }));
  }
}

customElements.define("before-after", BeforeAfter);
