// One place per form: three hidden inputs hold it, one event tells everybody.
// detail: {lon, lat, accuracy, name, source: "browser" | "photo" | "map" | "search"}
export const CHANGED = "place:changed";

export function holderOf(element) {
  return element.closest("form") ?? document;
}

export function writePlace(holder, place, by) {
  for (const name of ["lon", "lat", "accuracy"]) {
    const input = holder.querySelector(`input[name="${name}"]`);
    if (input) input.value = place[name] ?? "";
  }
  const source = holder.querySelector('input[name="place_source"]');
  if (source) source.value = place.source ?? "";
  holder.dispatchEvent(new CustomEvent(CHANGED, { bubbles: true, detail: { ...place, by } }));
}

export function readPlace(holder) {
  const [lon, lat] = ["lon", "lat"].map((name) => parseFloat(holder.querySelector(`input[name="${name}"]`)?.value));
  return Number.isFinite(lon) && Number.isFinite(lat) ? { lon, lat } : null;
}
