// Marks on the map: points are links with a shape, clusters are buttons with a count; both work by keyboard.
import { make, shape } from "./draw.js";
import { mapWords } from "./map-base.js";
import { say } from "./words.js";

const MOST = 8; // lines in a card before it says how many more there are

export function pointMark(host, properties, coordinates) {
  const mark = make("a", { class: `map-point map-point--${properties.kind ?? "plain"}`, href: properties.url ?? "#", "aria-label": properties.title, title: properties.title, onclick: (event) => {
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation(); // the map would take the click for one beside the card, and close it
    host.showInList(properties.id);
    host.openSpot(coordinates, [properties]);
  } }, shape(properties.kind));
  return placed(mark, coordinates);
}

export function clusterMark(host, properties, coordinates) {
  const n = properties.total ?? properties.point_count ?? properties.count;
  const size = n < 10 ? "s" : n < 100 ? "m" : n < 1000 ? "l" : "xl";
  const mark = make("button", { type: "button", class: `map-cluster map-cluster--${size}`, "aria-label": say("{n} 件，放大查看", { n }), onclick: (event) => {
    event.stopPropagation();
    zoomInto(host, properties, coordinates);
  } }, String(n));
  return placed(mark, coordinates);
}

function placed(element, coordinates) {
  return new mapWords.library.Marker({ element }).setLngLat(coordinates);
}

async function zoomInto(host, properties, coordinates) {
  const { map } = host;
  if (!properties.cluster) return map.easeTo({ center: coordinates, zoom: map.getZoom() + 2 });
  const source = map.getSource("things");
  const zoom = await source.getClusterExpansionZoom(properties.cluster_id);
  if (zoom <= 17) return map.easeTo({ center: coordinates, zoom });
  const leaves = await source.getClusterLeaves(properties.cluster_id, MOST, 0);
  return host.openSpot(coordinates, leaves.map((leaf) => leaf.properties), properties.total - leaves.length);
}

export function spotCard(map, coordinates, things, more) {
  const lines = things.map((thing) => make("li", {}, make("a", { href: thing.url ?? "#" }, thing.title)));
  const head = things.length > 1 ? make("p", { class: "soft small" }, say("{n} 件在同一处", { n: things.length + more })) : null;
  const tail = more > 0 ? make("p", { class: "soft small" }, say("还有 {n} 件", { n: more })) : null;
  const card = make("div", { class: "map-card" }, head, make("ul", { role: "list" }, ...lines), tail);
  return new mapWords.library.Popup({ maxWidth: "280px", offset: 14, focusAfterOpen: true }).setLngLat(coordinates).setDOMContent(card).addTo(map);
}
