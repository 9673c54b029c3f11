// How much of something that is being sent has gone, as words and as a bar.
import { make } from "./draw.js";
import { say } from "./words.js";

export function progress(loaded, total) {
  const [a, b] = [loaded, total].map((bytes) => (bytes / 1e6).toFixed(1));
  const p = Math.floor((100 * loaded) / total);
  const words = say("已上传 {p}%（{a} / {b} MB）", { p, a, b });
  return make("div", { class: "progress" }, words, make("progress", { value: p, max: 100, "aria-label": words }));
}
