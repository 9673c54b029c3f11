// <photo-picker data-limit="6" data-megabytes="15" data-draft="report"> around <input type="file" multiple>
// Camera or gallery, previews, removal, checks in clear words; files survive a reload.
// Emits photos:changed, and photo:place {lon, lat, accuracy} when a photo says where it was taken.
import { icon, make } from "./draw.js";
import { positionOf } from "./exif.js";
import { forgetFiles, keepFiles, keptFiles } from "./shelf.js";
import { say } from "./words.js";

const PHOTO = /\.(jpe?g|png|webp|hei[cf])$/i;
// How the files of JPEG, PNG, WebP and HEIC begin, whatever they are called.
const BEGINNINGS = [/^\xff\xd8\xff/, /^\x89PNG/, /^RIFF.{4}WEBP/s, /^.{4}ftyp/s];

class PhotoPicker extends HTMLElement {
  files = [];

  async connectedCallback() {
    if (this.input) return;
    this.input = this.querySelector('input[type="file"]');
    this.limit = Number(this.dataset.limit ?? 6);
    this.most = Number(this.dataset.megabytes ?? 15);
    this.input.addEventListener("change", () => this.take(this.input.files));
    this.build();
    // Somebody may have been quicker than this module.
    if (this.input.files.length) await this.take([...this.input.files]);
    if (this.dataset.draft) {
      const kept = await keptFiles(this.dataset.draft);
      if (kept.length && !this.files.length) await this.take(kept);
    }
  }

  build() {
    this.input.classList.add("photo-picker__input");
    this.camera = make("input", { type: "file", accept: "image/*", capture: "environment", hidden: true, onchange: () => {
      this.take(this.camera.files);
      this.camera.value = "";
    } });
    this.shots = make("ul", { class: "photo-grid photo-picker__shots", role: "list" });
    this.says = make("p", { class: "photo-picker__says", role: "status", "aria-live": "polite" });
    const take = make("button", { type: "button", class: "button phone-only", onclick: () => this.camera.click() }, icon("camera"), say("拍照"));
    const choose = make("button", { type: "button", class: "button", "aria-describedby": this.input.getAttribute("aria-describedby"), onclick: () => this.input.click() }, icon("photo"), say("从相册选"));
    this.buttons = make("div", { class: "row photo-picker__buttons" }, take, choose);
    this.input.autocomplete = "off"; // the shelf brings them back, the browser must not do so too
    this.input.tabIndex = -1;
    this.input.setAttribute("aria-hidden", "true");
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", this.input.labels?.[0]?.textContent.trim() ?? "");
    this.input.after(this.shots, this.buttons, this.camera, this.says);
  }

  async take(list) {
    const troubles = [];
    for (const file of list) {
      const trouble = await this.troubleWith(file);
      if (this.files.some((had) => had.name === file.name && had.size === file.size && had.lastModified === file.lastModified)) continue;
      if (trouble) troubles.push(trouble);
      else this.files.push(file);
    }
    this.show(troubles);
    await this.tellPlace();
  }

  async troubleWith(file) {
    if (this.files.length >= this.limit) return say("最多 {n} 张，后面的没有加进来。", { n: this.limit });
    if (!file.type.startsWith("image/") && !PHOTO.test(file.name)) return say("{name} 不是照片，没有加进来。", { name: file.name });
    if (!file.size) return say("{name} 是空文件，没有加进来。", { name: file.name });
    if (file.size > this.most * 1e6) return say("{name} 超过 {m} MB，没有加进来。", { name: file.name, m: this.most });
    // A file that cannot be read here is for the server to judge.
    const head = await file.slice(0, 12).arrayBuffer().then((bytes) => String.fromCharCode(...new Uint8Array(bytes)), () => null);
    return head === null || BEGINNINGS.some((one) => one.test(head)) ? "" : say("{name} 不是照片，没有加进来。", { name: file.name });
  }

  show(troubles = []) {
    for (const image of this.shots.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    this.shots.replaceChildren(...this.files.map((file, place) => this.shot(file, place)));
    const left = this.limit - this.files.length;
    const count = left ? say("已选 {n} 张，还可以加 {m} 张。", { n: this.files.length, m: left }) : say("已选 {n} 张，满了。", { n: this.files.length });
    this.says.textContent = [...new Set(troubles), this.files.length ? count : ""].filter(Boolean).join(" ");
    this.says.classList.toggle("is-trouble", troubles.length > 0);
    for (const button of this.buttons.children) button.disabled = !left;
    this.hand();
  }

  shot(file, place) {
    const number = { n: place + 1 };
    const image = make("img", { alt: say("第 {n} 张照片", number), src: URL.createObjectURL(file), width: 400, height: 300 });
    image.addEventListener("error", () => image.replaceWith(make("span", { class: "photo-picker__blind" }, icon("photo"), say("这种照片在这里看不到预览，可以正常提交"))));
    const remove = make("button", { type: "button", class: "photo-picker__remove", "aria-label": say("去掉第 {n} 张", number), onclick: () => {
      this.files.splice(place, 1);
      this.show();
      (this.shots.querySelectorAll("button")[Math.max(place - 1, 0)] ?? this.buttons.lastElementChild).focus();
    } }, icon("x"));
    return make("li", {}, image, remove);
  }

  // The real input carries the files, so the form sends them with or without our modules.
  hand() {
    const carrier = new DataTransfer();
    for (const file of this.files) carrier.items.add(file);
    this.input.files = carrier.files;
    this.dispatchEvent(new CustomEvent("photos:changed", { bubbles: true }));
    if (!this.dataset.draft) return;
    if (this.files.length) keepFiles(this.dataset.draft, this.files);
    else forgetFiles(this.dataset.draft);
  }

  async tellPlace() {
    for (const file of this.files) {
      const position = await positionOf(file);
      if (position) {
        this.dispatchEvent(new CustomEvent("photo:place", { bubbles: true, detail: position }));
        return;
      }
    }
  }
}

customElements.define("photo-picker", PhotoPicker);
