// <pass-key data-act="create|get"> around a form with a hidden "answer" and a button: asks the browser for a passkey with
// the options beside it, writes what it answers into the form, and sends it. Without script the button stays hidden.
import { icon, make } from "./draw.js";
import { say } from "./words.js";

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

class PassKey extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.button = this.querySelector("button[hidden]");
    if (!this.form || !this.button || !window.PublicKeyCredential) return;
    this.state = make("div", { role: "status", "aria-live": "polite" });
    this.form.append(this.state);
    this.button.hidden = false;
    this.button.addEventListener("click", () => this.ask());
  }

  async ask() {
    if (!this.form.reportValidity()) return;
    const { publicKey } = JSON.parse(this.querySelector('script[type="application/json"]').textContent);
    publicKey.challenge = toBytes(publicKey.challenge);
    for (const name of ["allowCredentials", "excludeCredentials"]) {
      publicKey[name] = (publicKey[name] ?? []).map((each) => ({ ...each, id: toBytes(each.id) }));
    }
    if (publicKey.user) publicKey.user.id = toBytes(publicKey.user.id);
    try {
      const made = await navigator.credentials[this.dataset.act]({ publicKey });
      this.form.elements.answer.value = JSON.stringify(plain(made));
      this.form.requestSubmit();
    } catch (error) {
      const words = error.name === "InvalidStateError" ? say("这台设备已经登记过了。") : say("没有完成。可以再试一次；网站要用域名访问，不能用IP地址。");
      this.state.replaceChildren(make("div", { class: "notice notice--warn" }, icon("warn"), make("div", { class: "notice__body" }, make("p", {}, words))));
    }
  }
}

// What the server reads: every sequence of bytes as base64url.
function plain(made) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[name]) response[name] = toText(made.response[name]);
  }
  return { id: made.id, rawId: toText(made.rawId), type: made.type, response, clientExtensionResults: {} };
}

customElements.define("pass-key", PassKey);
