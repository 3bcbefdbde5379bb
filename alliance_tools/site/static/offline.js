// Keeps the pages for later. A new build has another VERSION: it brings its own files and drops those of the old one.

const VERSION = "@VERSION@";
const FILES = @FILES@;
const NAME = `alliance-course-${VERSION}`;

async function bring() {
  const cache = await caches.open(NAME);
  // one after the other, so that the page that somebody reads comes first
  for (const path of FILES) {
    if (await cache.match(path)) continue;
    const answer = await fetch(path, { cache: "no-cache", priority: "low" });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    await cache.put(path, answer);
  }
}

async function dropOld() {
  for (const name of await caches.keys()) if (name.startsWith("alliance-course-") && name !== NAME) await caches.delete(name);
}

async function answer(request) {
  const cache = await caches.open(NAME);
  const kept = await cache.match(request, { ignoreSearch: true });
  if (kept) return kept;
  const { pathname } = new URL(request.url);
  if (pathname.endsWith("/")) {
    const front = await cache.match(new URL("index.html", request.url));
    if (front) return front;
  }
  return fetch(request);
}

addEventListener("install", (event) => { skipWaiting(); event.waitUntil(bring()); });
addEventListener("activate", (event) => event.waitUntil(dropOld().then(() => clients.claim())));
addEventListener("fetch", (event) => {
  if (event.request.method === "GET" && new URL(event.request.url).origin === location.origin) event.respondWith(answer(event.request));
});
