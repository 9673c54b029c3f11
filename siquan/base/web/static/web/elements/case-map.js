// <case-map data-mode="view|pick|window" data-style="…style.json" data-src="…geojson" data-list="#rows"
//   data-centre="116.417,39.929" data-zoom="12" data-label="案件地图"> with an optional JSON block of GeoJSON inside.
// Points have properties title, url, kind (good, watch, late), id, and count when the server has clustered them.
// Everything on the map is also in the list beside it; points are links and clusters are buttons.
import { make } from "./draw.js";
import { openMap } from "./map-base.js";
import { clusterMark, pointMark, spotCard } from "./map-marks.js";
import { startPicking } from "./map-pick.js";
import { say } from "./words.js";

// What stays the same while one moves about keeps its mark, and with it the focus of the keyboard.
// Ids of clusters begin anew with each window: the same id may stand for others elsewhere.
function keyOf({ cluster, cluster_id, total, id, count }, coordinates) {
  if (cluster) return `cluster-${cluster_id}-${total}-${coordinates.map((degree) => degree.toFixed(3))}`;
  return count > 1 ? `spot-${id ?? coordinates}-${count}` : `point-${id ?? coordinates}`;
}

// What the server has clustered already counts for as many as it holds.
const TOTAL = { total: ["+", ["coalesce", ["get", "count"], 1]] };
const EMPTY = { type: "FeatureCollection", features: [] };

class CaseMap extends HTMLElement {
  marks = new Map();

  async connectedCallback() {
    if (this.map || this.opening) return;
    this.opening = true;
    this.mode = this.dataset.mode ?? "view";
    this.data = this.inlineData();
    this.stage = make("div", { class: "case-map__stage" });
    this.append(this.stage);
    try {
      this.map = await openMap(this.stage, this.startOptions());
    } catch (error) {
      this.stage.replaceWith(make("p", { class: "case-map__plain" }, say("地图画不出来，请看列表。")));
      this.classList.add("is-plain");
      return console.warn("no map", error);
    }
    this.classList.add("is-drawn");
    if (this.mode === "pick") startPicking(this);
    else await this.startShowing();
  }

  disconnectedCallback() {
    this.map?.remove();
    this.map = null;
  }

  inlineData() {
    const block = this.querySelector('script[type="application/json"]');
    return block ? JSON.parse(block.textContent) : null;
  }

  startOptions() {
    const [lon, lat] = (this.dataset.centre ?? "116.4174,39.9289").split(",").map(Number);
    return { style: this.dataset.style, center: [lon, lat], zoom: Number(this.dataset.zoom ?? 12), label: this.dataset.label ?? say("地图"), gentle: this.mode !== "window" };
  }

  // Show things: cluster in the worker, draw as links and buttons.
  async startShowing() {
    this.map.addSource("things", { type: "geojson", data: this.data ?? EMPTY, cluster: this.dataset.cluster !== "server", clusterRadius: 44, clusterMaxZoom: 17, clusterProperties: TOTAL });
    this.map.addLayer({ id: "things", type: "circle", source: "things", paint: { "circle-opacity": 0, "circle-radius": 1 } });
    const redraw = () => this.drawMarks();
    this.map.on("idle", redraw);
    this.map.on("moveend", redraw);
    this.map.on("sourcedata", (event) => event.sourceId === "things" && event.isSourceLoaded && redraw());
    if (this.mode === "window") this.map.on("moveend", () => this.loadWindow());
    if (this.mode === "window") await this.loadWindow();
    else if (this.dataset.src) await this.load(this.dataset.src);
    if (this.mode === "view") this.fit();
    this.watchList();
  }

  async load(url) {
    this.asking?.abort();
    this.asking = new AbortController();
    const answer = await fetch(url, { signal: this.asking.signal, headers: { Accept: "application/geo+json" } }).catch(() => null);
    if (!answer?.ok) return;
    const data = await answer.json().catch(() => null); // a newer window was asked for meanwhile
    if (!data) return;
    this.data = data;
    this.map?.getSource("things").setData(this.data);
  }

  loadWindow() {
    const bounds = this.map.getBounds();
    const bbox = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((degree) => degree.toFixed(5)).join(",");
    const url = new URL(this.dataset.src, location);
    url.searchParams.set("bbox", bbox);
    url.searchParams.set("zoom", this.map.getZoom().toFixed(1));
    this.dispatchEvent(new CustomEvent("case-map:window", { bubbles: true, detail: { bbox } }));
    return this.load(url);
  }

  fit() {
    const points = (this.data?.features ?? []).map((feature) => feature.geometry.coordinates);
    if (!points.length || this.dataset.fit === "no") return;
    const edges = (place, choose) => choose(...points.map((point) => point[place]));
    this.map.fitBounds([[edges(0, Math.min), edges(1, Math.min)], [edges(0, Math.max), edges(1, Math.max)]], { padding: 40, maxZoom: 16, duration: 0 });
  }

  drawMarks() {
    if (!this.map) return;
    const seen = new Map();
    for (const { properties, geometry } of this.map.querySourceFeatures("things")) {
      const key = keyOf(properties, geometry.coordinates);
      if (seen.has(key)) continue;
      const mark = this.marks.get(key) ?? (properties.cluster || properties.count > 1 ? clusterMark : pointMark)(this, properties, geometry.coordinates);
      mark.setLngLat(geometry.coordinates); // more exact the closer one looks
      seen.set(key, mark);
      if (!this.marks.has(key)) mark.addTo(this.map);
    }
    for (const [key, mark] of this.marks) if (!seen.has(key)) mark.remove();
    this.marks = seen;
  }

  // The list and the map point at each other.
  watchList() {
    const list = this.dataset.list && document.querySelector(this.dataset.list);
    for (const name of list ? ["focusin", "mouseover"] : []) {
      list.addEventListener(name, (event) => this.light(event.target.closest("[data-id]")?.dataset.id));
    }
  }

  light(id) {
    for (const [key, mark] of this.marks) mark.getElement().classList.toggle("is-current", key === `point-${id}`);
  }

  showInList(id) {
    const list = this.dataset.list && document.querySelector(this.dataset.list);
    for (const item of list?.querySelectorAll("[data-id]") ?? []) {
      item.classList.toggle("is-current", item.dataset.id === String(id));
      if (item.dataset.id === String(id)) item.scrollIntoView({ block: "nearest" });
    }
    this.light(id);
  }

  openSpot(coordinates, things, more = 0) {
    spotCard(this.map, coordinates, things, more);
  }
}

customElements.define("case-map", CaseMap);
