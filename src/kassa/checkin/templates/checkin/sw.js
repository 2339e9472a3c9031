/* Keeps the scanner on the phone, so that it starts without a network. What it fetches from Kassa is left alone. */

const CACHE = "kassa-checkin-{{ version }}";
const PAGE = "{{ page }}";
const FILES = {{ files|safe }};

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll(
      FILES.map((address) => new Request(address, { cache: "reload", credentials: "omit" })),
    )),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(
        names.filter((name) => name.startsWith("kassa-checkin-") && name !== CACHE).map((name) => caches.delete(name)),
      ))
      .then(() => self.clients.claim()),
  );
});

// A new version waits until somebody says so: never in the middle of a scan.
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  const path = request.mode === "navigate" && address.pathname === PAGE ? PAGE : address.pathname;
  if (FILES.indexOf(path) < 0) return;
  event.respondWith(
    caches.open(CACHE).then((cache) => cache.match(path)).then((kept) => kept || fetch(request)),
  );
});
