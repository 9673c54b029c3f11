// <dialog-opener data-dialog="id"> around a button or link: opens the dialog; without JavaScript a link goes to its page.
import { icon, make } from "./draw.js";
import { say } from "./words.js";

class DialogOpener extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const dialog = document.getElementById(this.dataset.dialog);
      if (!dialog || !event.target.closest("button, a")) return;
      event.preventDefault();
      this.giveClose(dialog);
      dialog.showModal();
    });
  }

  giveClose(dialog) {
    const head = dialog.querySelector(".dialog__head");
    if (!head || head.querySelector("button")) return;
    head.append(make("button", { type: "button", class: "button button--quiet button--icon", "aria-label": say("关闭"), onclick: () => dialog.close() }, icon("x")));
  }
}

customElements.define("dialog-opener", DialogOpener);
