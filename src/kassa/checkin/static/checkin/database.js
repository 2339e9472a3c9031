/* What the phone keeps: small promises around IndexedDB. */

const NAME = "kassa-checkin";
const VERSION = 1;
/* settings: one value per name. pages: the list as it was downloaded. changes: rows that are newer.
   queue: what the server has not heard of. history: own scans. conflicts: what has to be looked at. */
const STORES = {
  settings: undefined,
  pages: undefined,
  changes: { keyPath: "id" },
  queue: { keyPath: "order", autoIncrement: true },
  history: { keyPath: "id" },
  conflicts: { keyPath: "id" },
};

let opened = null;

function open() {
  if (!opened) {
    opened = new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, VERSION);
      request.onupgradeneeded = () => {
        Object.keys(STORES).forEach((name) => request.result.createObjectStore(name, STORES[name]));
      };
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        // A newer version in another tab must not wait for this one.
        database.onversionchange = () => database.close();
        database.onclose = () => { opened = null; };
        resolve(database);
      };
    });
    opened.catch(() => { opened = null; });
  }
  return opened;
}

function answerOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export async function read(store, key) {
  const database = await open();
  return answerOf(database.transaction(store).objectStore(store).get(key));
}

export async function readAll(store) {
  const database = await open();
  return answerOf(database.transaction(store).objectStore(store).getAll());
}

/* Change some stores in one transaction; resolves once it is on the disk, not only in memory. */
export async function change(stores, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(stores, "readwrite", { durability: "strict" });
    let result;
    transaction.oncomplete = () => resolve(result && result.result !== undefined ? result.result : undefined);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
    result = work(...stores.map((name) => transaction.objectStore(name)));
  });
}

export function write(store, value, key) {
  return change([store], (objects) => (key === undefined ? objects.put(value) : objects.put(value, key)));
}

export function remove(store, key) {
  return change([store], (objects) => { objects.delete(key); });
}

export function empty(...stores) {
  return change(stores, (...objects) => { objects.forEach((each) => each.clear()); });
}

export const ALL_STORES = Object.keys(STORES);
