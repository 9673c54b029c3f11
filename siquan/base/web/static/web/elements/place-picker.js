// <place-picker data-search="/places/search" data-locate="/places/here"> around the text input of the place and
// hidden inputs lon, lat, accuracy. Position of the browser, of a photo, or a name typed; the map speaks by the same event.
import { icon, make } from "./draw.js";
import { CHANGED, holderOf, readPlace, writePlace } from "./place.js";
import { say } from "./words.js";

const GOOD_ENOUGH = 80; // metres; beyond this a person should point at the map

class PlacePicker extends HTMLElement {
  options = [];
  active = -1;

  connectedCallback() {
    if (this.input) return;
    this.input = this.querySelector('input:not([type="hidden"])');
    this.holder = holderOf(this);
    this.says = make("p", { class: "place-picker__says", role: "status", "aria-live": "polite" });
    this.buttons = make("div", { class: "row" });
    if (navigator.geolocation && window.isSecureContext) {
      this.buttons.append(make("button", { type: "button", class: "button", onclick: () => this.ask() }, icon("locate"), say("用我现在的位置")));
    }
    this.prepend(this.buttons, this.says);
    if (this.dataset.search) this.buildList();
    this.holder.addEventListener("photo:place", (event) => this.offerPhoto(event.detail));
    this.holder.addEventListener("draft:restored", () => this.tellKnown());
    this.tellKnown();
    this.holder.addEventListener(CHANGED, (event) => event.detail.by !== this && this.onPicked(event.detail));
  }

  ask() {
    this.says.textContent = say("正在找您的位置…");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => this.found(coords),
      (error) => {
        this.says.textContent = error.code === error.PERMISSION_DENIED
          ? say("没有得到定位许可。可以在浏览器设置里打开，或者写下地点，或者在地图上点。")
          : say("现在找不到位置。请写下地点，或者在地图上点。");
      },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 },
    );
  }

  found(coords) {
    const m = Math.round(coords.accuracy);
    this.put({ lon: coords.longitude, lat: coords.latitude, accuracy: m, source: "browser" },
      m > GOOD_ENOUGH ? say("找到了，但误差约 {m} 米，请在地图上点准一点。", { m }) : say("找到了，误差约 {m} 米。", { m }));
  }

  offerPhoto(place) {
    this.buttons.querySelector(".is-photo")?.remove();
    this.buttons.append(make("button", { type: "button", class: "button is-photo", onclick: () => this.put({ ...place, source: "photo" }, say("用了照片里的位置。")) }, icon("photo"), say("用照片里的位置")));
  }

  onPicked(place) {
    if (place.source === "map") this.tell(say("已在地图上选好位置。"), place);
  }

  put(place, words) {
    writePlace(this.holder, place, this);
    this.tell(words, place);
  }

  // A place that came back with a draft or with an error is said again.
  tellKnown() {
    const known = readPlace(this.holder);
    if (known) this.tell("", known);
  }

  // Say which street this is, when the page knows an address to ask.
  async tell(words, place) {
    this.says.textContent = words;
    if (!this.dataset.locate) return;
    const answer = await fetch(`${this.dataset.locate}?${new URLSearchParams({ lon: place.lon, lat: place.lat })}`).catch(() => null);
    if (answer?.ok) this.says.textContent = `${words} ${(await answer.json()).words ?? ""}`.trim();
  }

  buildList() {
    const id = `${this.input.id || "place"}-list`;
    this.list = make("ul", { id, role: "listbox", class: "combo__list", hidden: true, "aria-label": this.input.labels?.[0]?.textContent ?? "" });
    for (const [name, value] of Object.entries({ role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id })) {
      this.input.setAttribute(name, value);
    }
    const box = make("div", { class: "combo" });
    this.input.replaceWith(box);
    box.append(this.input, this.list);
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.search(), 200);
    });
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.open(false), 150));
  }

  async search() {
    const asked = this.input.value.trim();
    this.asking?.abort();
    if (!asked) return this.open(false);
    this.asking = new AbortController();
    const url = `${this.dataset.search}?${new URLSearchParams({ q: asked })}`;
    const answer = await fetch(url, { signal: this.asking.signal }).catch(() => null);
    const found = answer?.ok ? await answer.json().catch(() => []) : [];
    if (asked !== this.input.value.trim()) return; // somebody typed on
    this.options = (found.results ?? found).slice(0, 8);
    this.list.replaceChildren(...this.options.map((place, n) => this.option(place, n)));
    this.active = -1;
    this.open(this.options.length > 0);
    this.says.textContent = this.options.length ? say("找到 {n} 个地点，请选一个。", { n: this.options.length }) : say("没有找到这个名字。换一个写法，或者在地图上点。");
  }

  option(place, n) {
    const about = [place.kind_name, place.street].filter(Boolean).join(" · ");
    return make("li", { role: "option", id: `${this.list.id}-${n}`, "aria-selected": "false", onmousedown: (event) => {
      event.preventDefault();
      this.choose(n);
    } }, make("span", {}, place.name), make("span", { class: "soft small" }, about));
  }

  onKey(event) {
    if (this.list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.move(step);
    else if (event.key === "Enter" && this.active >= 0) this.choose(this.active);
    else if (event.key === "Escape") this.open(false);
    else return;
    event.preventDefault();
  }

  move(step) {
    const items = [...this.list.children];
    this.active = (this.active + step + items.length + (this.active < 0 && step < 0 ? 1 : 0)) % items.length;
    items.forEach((item, n) => item.setAttribute("aria-selected", String(n === this.active)));
    items[this.active].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", items[this.active].id);
  }

  choose(n) {
    const place = this.options[n];
    this.input.value = place.name;
    this.open(false);
    this.put({ lon: place.lon, lat: place.lat, accuracy: place.accuracy ?? 50, name: place.name, source: "search" }, say("位置：{name}", { name: place.name }));
  }

  open(yes) {
    this.list.hidden = !yes;
    this.input.setAttribute("aria-expanded", String(yes));
    if (!yes) this.input.removeAttribute("aria-activedescendant");
  }
}

customElements.define("place-picker", PlacePicker);
