// Open a MapLibre map on our own base map: one file read by Range requests, no outside server, no inline anything.
import { make } from "./draw.js";
import { say } from "./words.js";

const vendor = (name) => new URL(`../vendor/${name}`, import.meta.url).href;
let library;

// The library is large: it is loaded once, and only by pages that have a map.
async function loadLibrary() {
  const [maplibre, { Protocol }] = await Promise.all([import("../vendor/maplibre-gl.mjs"), import("../vendor/pmtiles.mjs")]);
  maplibre.setWorkerUrl(vendor("maplibre-gl-worker.mjs"));
  maplibre.addProtocol("pmtiles", new Protocol().tile);
  await new Promise((done) => {
    const sheet = make("link", { rel: "stylesheet", href: vendor("maplibre-gl.css"), onload: done, onerror: done });
    document.head.prepend(sheet);
  });
  return maplibre;
}

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Without a style there is still paper to put points on.
function paper() {
  return { version: 8, sources: {}, layers: [{ id: "paper", type: "background", paint: { "background-color": token("--map-land") } }] };
}

// The address may name the reader's theme and language: /map/style-{theme}-{language}.json
async function styleAt(pattern) {
  if (!pattern) return paper();
  const { dataset, lang } = document.documentElement;
  const url = pattern.replace("{theme}", dataset.theme ?? "light").replace("{language}", lang.slice(0, 2));
  const answer = await fetch(url).catch(() => null);
  return answer?.ok ? answer.json() : paper();
}

export async function openMap(stage, { style, center, zoom, label, gentle }) {
  library ??= loadLibrary();
  const [maplibre, drawn] = await Promise.all([library, styleAt(style)]);
  mapWords.library = maplibre;
  const map = new maplibre.Map({
    container: stage, style: drawn, center, zoom, minZoom: 9, maxZoom: 19, attributionControl: false,
    dragRotate: false, pitchWithRotate: false, cooperativeGestures: gentle, locale: localeOf(label),
    fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibre.AttributionControl({ compact: false, customAttribution: say("四全 · 自有底图") }), "bottom-right");
  await new Promise((done, failed) => {
    map.once("load", done);
    map.once("webglcontextlost", failed);
    setTimeout(() => failed(new Error("the map took longer than 20 s")), 20000);
  });
  return map;
}

function localeOf(label) {
  return {
    "Map.Title": say("{label}。方向键移动，加号减号缩放。", { label }),
    "NavigationControl.ZoomIn": say("放大"),
    "NavigationControl.ZoomOut": say("缩小"),
    "Popup.Close": say("关闭"),
    "Marker.Title": say("选中的位置"),
    "CooperativeGesturesHandler.MobileHelpText": say("两指拖动可移动地图"),
    "CooperativeGesturesHandler.WindowsHelpText": say("按住 Ctrl 再滚动可缩放"),
    "CooperativeGesturesHandler.MacHelpText": say("按住 ⌘ 再滚动可缩放"),
  };
}

export const mapWords = {
  library: null,
  pin(label, put) {
    const head = make("div", { class: "map-pin", role: "img", "aria-label": label }, make("span"));
    const pin = new this.library.Marker({ element: head, anchor: "bottom", draggable: true });
    pin.on("dragend", () => put(pin.getLngLat()));
    pin.setLngLat([0, 0]);
    return pin;
  },
};
