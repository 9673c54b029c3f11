// Copy the built files of the locked packages into the product, with their licences and checksums.
// `node build.mjs` writes; `node build.mjs --check` tells whether what is committed is what the lock names.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "..");
const vendor = "siquan/base/web/static/web/vendor";
const files = [
  ["htmx.org", "dist/htmx.min.js", `${vendor}/htmx.min.js`],
  ["htmx.org", "LICENSE", `${vendor}/htmx.LICENSE.txt`],
  ["maplibre-gl", "dist/maplibre-gl.mjs", `${vendor}/maplibre-gl.mjs`],
  ["maplibre-gl", "dist/maplibre-gl-worker.mjs", `${vendor}/maplibre-gl-worker.mjs`],
  ["maplibre-gl", "dist/maplibre-gl.css", `${vendor}/maplibre-gl.css`],
  ["maplibre-gl", "LICENSE.txt", `${vendor}/maplibre-gl.LICENSE.txt`],
  ["pmtiles", "dist/pmtiles.js", `${vendor}/pmtiles.mjs`, "\nexport const { PMTiles, Protocol } = pmtiles;\n"],
  ["axe-core", "axe.min.js", "tests/assets/axe.min.js"],
  ["axe-core", "LICENSE", "tests/assets/axe.LICENSE.txt"],
];

const lock = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8"));

// A source map that is not shipped would only make the browser ask for it in vain.
function content(name, path, tail = "") {
  const raw = readFileSync(join(here, "node_modules", name, path), "utf8");
  return raw.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n") + tail;
}

// A fourth item is text put behind the file: it makes a plain script importable.
function describe([name, path, target, tail]) {
  const { version, integrity } = lock.packages[`node_modules/${name}`];
  const text = content(name, path, tail);
  const sha256 = createHash("sha256").update(text).digest("hex");
  return { target, text, entry: { package: name, version, integrity, from: path, sha256 } };
}

const built = files.map(describe);
const record = Object.fromEntries(built.map(({ target, entry }) => [target, entry]));
const recordPath = join(here, "vendored.json");
const recordText = JSON.stringify(record, null, 2) + "\n";

if (process.argv.includes("--check")) {
  const wrong = built.filter(({ target, text }) => {
    const path = join(root, target);
    return !existsSync(path) || readFileSync(path, "utf8") !== text;
  });
  if (!existsSync(recordPath) || readFileSync(recordPath, "utf8") !== recordText) wrong.push({ target: "front/vendored.json" });
  for (const { target } of wrong) console.error(`differs from the lock: ${target}`);
  process.exit(wrong.length ? 1 : 0);
}

for (const { target, text } of built) {
  const path = join(root, target);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
writeFileSync(recordPath, recordText);
console.log(`${built.length} files copied`);
