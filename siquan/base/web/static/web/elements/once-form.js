// <once-form> around a form: sent once, however often the button is pressed.
// With data-draft="name" it also survives a reload and a lost network: the draft and its key stay in this browser, the
// sending shows its progress and is tried again with the same key until the server has answered.
import { cameBackFrom, markSent, renewPermit, startClean } from "./again.js";
import { forget, keepDraft, restoreDraft } from "./draft.js";
import { icon, make } from "./draw.js";
import { progress } from "./progress.js";
import { forgetFiles } from "./shelf.js";
import { say } from "./words.js";

const WAITS = [3, 6, 12, 20, 30]; // seconds between attempts

class OnceForm extends HTMLElement {
  sending = false;
  attempt = 0;

  connectedCallback() {
    this.form = this.querySelector("form");
    if (!this.form || this.state) return;
    this.state = make("div", { class: "once-form__state", role: "status", "aria-live": "polite" });
    (this.form.querySelector(".bottom-bar") ?? this.form.lastElementChild).before(this.state);
    this.form.addEventListener("submit", (event) => this.onSubmit(event));
    window.addEventListener("pageshow", (event) => event.persisted && (startClean(this.dataset.draft) || this.settle()));
    window.addEventListener("online", () => this.waiting && this.again());
    if (this.dataset.draft) this.restore();
  }

  greet() {
    const next = cameBackFrom(this.dataset.draft);
    if (next) this.tell("info", say("刚才那一件已经收到了。这里是一张新表，可以再报一件。"), make("a", { class: "button button--quiet", href: next }, say("看刚才那一件")));
  }

  restore() {
    this.form.setAttribute("autocomplete", "off"); // the draft brings the answers back, the browser must not do so too
    for (const name of ["input", "change", "place:changed"]) {
      this.form.addEventListener(name, () => keepDraft(this.dataset.draft, this.form));
    }
    const { restored, unsent } = restoreDraft(this.dataset.draft, this.form);
    this.form.dispatchEvent(new CustomEvent("draft:restored"));
    if (!restored) return this.greet();
    const anew = make("button", { type: "button", class: "button button--quiet", onclick: () => this.startAnew() }, say("清空重填"));
    const goOn = unsent ? make("button", { type: "submit", class: "button button--primary" }, say("接着发")) : null;
    this.tell("info", unsent ? say("上次没有发完。内容和照片都在，可以接着发。") : say("上次没交的内容还在，接着填就行。"), goOn, anew);
  }

  async startAnew() {
    forget(this.dataset.draft);
    await this.forgetPhotos();
    location.reload();
  }

  forgetPhotos() {
    return Promise.all([...this.form.querySelectorAll("photo-picker[data-draft]")].map((picker) => forgetFiles(picker.dataset.draft)));
  }

  onSubmit(event) {
    if (this.sending) return event.preventDefault();
    this.sending = true;
    this.renewed = false;
    this.pressed = event.submitter;
    if (this.dataset.draft) {
      event.preventDefault();
      keepDraft(this.dataset.draft, this.form, { unsent: true });
      this.attempt = 0;
      this.send();
    } else {
      // After the browser has collected the values: a disabled button would not be among them.
      setTimeout(() => this.hold(), 0);
    }
  }

  hold() {
    for (const button of this.form.querySelectorAll('button:not([type="button"])')) button.setAttribute("aria-disabled", "true");
    if (!this.pressed || this.said) return;
    this.said = [...this.pressed.childNodes];
    this.pressed.replaceChildren(say("正在提交…"));
  }

  settle() {
    this.sending = false;
    for (const button of this.form.querySelectorAll('button[aria-disabled="true"]')) button.removeAttribute("aria-disabled");
    if (this.said) this.pressed.replaceChildren(...this.said);
    this.said = null;
  }

  send() {
    this.hold();
    this.waiting = null;
    const request = new XMLHttpRequest();
    request.open("POST", this.address());
    request.setRequestHeader("X-Once", "1");
    request.upload.onprogress = (event) => event.lengthComputable && this.state.replaceChildren(progress(event.loaded, event.total));
    request.onerror = request.ontimeout = () => this.tryLater("网络断了。内容和照片都保存在这台手机上，{s} 秒后自动再试。");
    request.onload = () => this.onAnswer(request);
    request.timeout = 120000;
    request.send(new FormData(this.form, this.pressed));
  }

  // Not form.action: a field of that name would stand in its place.
  address() {
    return new URL(this.form.getAttribute("action") || location.href, location.href).href;
  }

  tryLater(words, values = {}) {
    const s = WAITS[Math.min(this.attempt++, WAITS.length - 1)];
    this.waiting = setTimeout(() => this.again(), s * 1000);
    this.tell("warn", say(words, { ...values, s }), make("button", { type: "button", class: "button", onclick: () => this.again() }, icon("refresh"), say("现在再试")));
  }

  again() {
    clearTimeout(this.waiting);
    this.send();
  }

  // 5xx: the same key again later. Redirect: done, but for the sign-in page. A page: it carries the errors. Else: say so, keep all.
  onAnswer(request) {
    const signIn = request.getResponseHeader("X-Once-Sign-In");
    if (signIn) {
      this.settle();
      return this.tell("warn", say("登录已经失效。内容和照片都保存着，登录以后接着发。"), make("a", { class: "button button--primary", href: signIn }, say("去登录")));
    }
    const next = request.getResponseHeader("X-Once-Next");
    if (request.status >= 500 || request.status === 429) return this.tryLater("系统暂时收不下（{code}）。内容都保存着，{s} 秒后自动再试。", { code: request.status });
    if (next || (request.responseURL && request.status < 300 && request.responseURL !== this.address())) {
      forget(this.dataset.draft);
      markSent(this.dataset.draft, next || request.responseURL);
      return this.forgetPhotos().finally(() => location.assign(next || request.responseURL));
    }
    if (request.status === 403 && !this.renewed) {
      this.renewed = true;
      return renewPermit().then(() => this.send());
    }
    this.settle();
    keepDraft(this.dataset.draft, this.form);
    const fresh = new DOMParser().parseFromString(request.responseText, "text/html").querySelector(`once-form[data-draft="${this.dataset.draft}"]`);
    if (!fresh) return this.tell("error", say("系统没有接受（{code}）。内容都保存着，请稍后再提交。", { code: request.status }));
    this.state = null;
    this.replaceChildren(...fresh.childNodes);
    this.connectedCallback();
    document.getElementById("errors")?.focus();
  }

  tell(kind, words, ...acts) {
    const body = make("div", { class: "notice__body" }, make("p", {}, words), acts.some(Boolean) ? make("div", { class: "row" }, ...acts) : null);
    this.state.replaceChildren(make("div", { class: `notice notice--${kind}` }, icon(kind === "info" ? "info" : "warn"), body));
  }
}

customElements.define("once-form", OnceForm);
