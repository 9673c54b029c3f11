// Read the position a JPEG carries (EXIF GPS, WGS-84), from its first 256 kB. Anything odd means: no position.
const JPEG = 0xffd8, APP1 = 0xffe1, EXIF = 0x45786966, GPS_IFD = 0x8825;
const TAG = { latRef: 1, lat: 2, lonRef: 3, lon: 4, error: 31 };

export async function positionOf(file) {
  try {
    const view = new DataView(await file.slice(0, 262144).arrayBuffer());
    const tiff = findTiff(view);
    return tiff === null ? null : readGps(view, tiff);
  } catch {
    return null;
  }
}

function findTiff(view) {
  if (view.getUint16(0) !== JPEG) return null;
  for (let at = 2; at + 10 < view.byteLength; ) {
    const marker = view.getUint16(at);
    if (marker >> 8 !== 0xff || marker === 0xffda) return null;
    if (marker === APP1 && view.getUint32(at + 4) === EXIF) return at + 10;
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

function readGps(view, tiff) {
  const little = view.getUint16(tiff) === 0x4949;
  const u16 = (at) => view.getUint16(tiff + at, little);
  const u32 = (at) => view.getUint32(tiff + at, little);
  const entries = (ifd) => Array.from({ length: u16(ifd) }, (_, n) => ifd + 2 + 12 * n);
  const pointer = entries(u32(4)).find((at) => u16(at) === GPS_IFD);
  if (pointer === undefined) return null;
  const found = new Map(entries(u32(pointer + 8)).map((at) => [u16(at), at]));
  const ratio = (at) => u32(at) / (u32(at + 4) || 1);
  const degrees = (tag) => {
    const start = u32(found.get(tag) + 8);
    return ratio(start) + ratio(start + 8) / 60 + ratio(start + 16) / 3600;
  };
  const letter = (tag) => String.fromCharCode(view.getUint8(tiff + found.get(tag) + 8));
  if (!found.has(TAG.lat) || !found.has(TAG.lon)) return null;
  const lat = degrees(TAG.lat) * (letter(TAG.latRef) === "S" ? -1 : 1);
  const lon = degrees(TAG.lon) * (letter(TAG.lonRef) === "W" ? -1 : 1);
  const usable = Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && (lat !== 0 || lon !== 0);
  const accuracy = found.has(TAG.error) ? Math.round(ratio(u32(found.get(TAG.error) + 8))) : 20;
  return usable ? { lon, lat, accuracy } : null;
}
