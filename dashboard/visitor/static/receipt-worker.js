// Keeps one receipt's page for a time without a connection, and nothing else of this site. The page
// tells in RUNS_OUT_MS until when: then, or once it is cancelled, all that was kept is erased.

const CACHE = `receipt ${self.registration.scope}`;
const PAGE = new URL(self.registration.scope).pathname;
const FILES = ["base.css", "receipt.css", "receipt.js", "live.js", "sound.js", "steps.svg", "mark.svg"].map((name) => `/static/${name}`);
const PATIENCE_MS = 5000;

const isOver = () => Date.now() >= self.RUNS_OUT_MS;

async function erase() {
  await caches.delete(CACHE);
  await self.registration.unregister();
}

async function keep() {
  if (isOver()) return erase();
  const cache = await caches.open(CACHE);
  await cache.addAll([PAGE, ...FILES]);
  await self.skipWaiting();
}

async function kept(request) {
  if (isOver()) {
    await erase();
    return undefined;
  }
  const cache = await caches.open(CACHE);
  return cache.match(request);
}

async function fresh(request, isPage) {
  const answer = await fetch(request);
  if (isPage && (answer.headers.get("Gerbang-Keep") === "no" || answer.status === 404)) await erase();
  else if (answer.ok && !isOver() && (await caches.has(CACHE))) {
    const cache = await caches.open(CACHE);
    await cache.put(isPage ? PAGE : request, answer.clone());
  }
  return answer;
}

/** The newest there is; what was kept where the network fails or takes its time. */
async function answer(request, isPage) {
  const network = fresh(request, isPage);
  const late = new Promise((done) => { setTimeout(done, PATIENCE_MS); });
  const first = await Promise.race([network.catch(() => undefined), late]);
  return first ?? (await kept(isPage ? PAGE : request)) ?? network;
}

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(isOver() ? erase() : self.clients.claim()));
self.addEventListener("message", (event) => { if (isOver()) event.waitUntil(erase()); });
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, search, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  const isPage = request.mode === "navigate" && pathname === PAGE && !search;
  if (isPage || FILES.includes(pathname)) event.respondWith(answer(request, isPage));
});
