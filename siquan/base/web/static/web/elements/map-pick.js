// Pick a place on a map: tap, drag the pin, or put it in the middle by a button (which a keyboard can press).
import { icon, make } from "./draw.js";
import { mapWords } from "./map-base.js";
import { CHANGED, holderOf, readPlace, writePlace } from "./place.js";
import { say } from "./words.js";

export function startPicking(host) {
  const { map } = host;
  const holder = holderOf(host);
  const put = ({ lng, lat }) => writePlace(holder, { lon: +lng.toFixed(6), lat: +lat.toFixed(6), accuracy: 10, source: "map" }, host);
  let pin = null;

  function show({ lon, lat }, move) {
    pin ??= mapWords.pin(say("选中的位置"), put);
    pin.setLngLat([lon, lat]).addTo(map);
    if (move) map.easeTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), 16.5) });
  }

  holder.addEventListener(CHANGED, ({ detail }) => show(detail, detail.by !== host));
  map.on("click", (event) => put(event.lngLat));
  host.append(make("button", { type: "button", class: "button case-map__centre", onclick: () => put(map.getCenter()) }, icon("map-pin"), say("把点放在地图中心")));
  const known = readPlace(holder);
  if (known) show(known, true);
}
