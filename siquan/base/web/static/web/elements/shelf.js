// Keep chosen files in IndexedDB, so that a reload or a lost network loses nothing. Kept for one day.
const DAY = 24 * 3600 * 1000;

function open() {
  return new Promise((done, failed) => {
    const request = indexedDB.open("siquan", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("files");
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

async function withStore(mode, act) {
  const database = await open();
  try {
    return await new Promise((done, failed) => {
      const request = act(database.transaction("files", mode).objectStore("files"));
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    });
  } finally {
    database.close();
  }
}

// Private windows may refuse the store: then files live only as long as the page.
export async function keepFiles(name, files) {
  await withStore("readwrite", (store) => store.put({ at: Date.now(), files }, name)).catch(() => {});
}

export async function keptFiles(name) {
  const kept = await withStore("readonly", (store) => store.get(name)).catch(() => null);
  return kept && Date.now() - kept.at < DAY ? kept.files : [];
}

export async function forgetFiles(name) {
  await withStore("readwrite", (store) => store.delete(name)).catch(() => {});
}
