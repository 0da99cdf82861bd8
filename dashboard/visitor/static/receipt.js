// A receipt that is open: asks now and then how it stands, keeps itself, prints and is passed on.
// The page's address is a secret. It is read here where the browser needs it, and stored nowhere.

import { draw, LIVE_HEADER, showLost } from "./live.js";
import { play, soundButton } from "./sound.js";

const slip = document.getElementById("slip");
const OVER = ["cancelled", "expired"];
const PATIENCE_MS = 15000;

const state = () => document.getElementById("state").dataset;

function show(html) {
  const stage = state().stage;
  draw(html);
  showLost(false);
  listen();
  ring();
  if (state().stage !== stage && (OVER.includes(state().stage) || OVER.includes(stage))) location.reload();
}

async function ask() {
  const answer = await fetch("?as=state", { headers: LIVE_HEADER, signal: AbortSignal.timeout(PATIENCE_MS) });
  if (answer.status === 404) return location.reload();
  if (!answer.ok) throw new Error(answer.statusText);
  show(await answer.text());
}

// Calls come by a stream while there is something to wait for; beside it the page asks more seldom.
// A call rings once, and one that is old when it is seen first is only shown.

const SILENCE_MS = 25000; // the server sends something every ten seconds
const REOPEN_MS = 30000;
const FOLLOWED_MS = 60000;
const NEW_S = 60;
const SHAKES_MS = [400, 200, 400, 200, 800];
const heard = new Set();
let stream = null;
let watchdog = 0;

function ring() {
  let isNew = false;
  for (const { dataset } of document.querySelectorAll("#turn [data-call]")) {
    if (!dataset.call || heard.has(dataset.call)) continue;
    heard.add(dataset.call);
    if (Number(dataset.since) < NEW_S) isNew = dataset.call;
  }
  if (!isNew) return;
  document.body.dataset.rang = isNew;
  play("call");
  navigator.vibrate?.(SHAKES_MS);
}

function hang() {
  clearTimeout(watchdog);
  stream?.close();
  stream = null;
}

function alive() {
  clearTimeout(watchdog);
  watchdog = setTimeout(() => { hang(); turn(); }, SILENCE_MS);
}

function listen() {
  const wanted = state().follow === "yes";
  ringer.parentElement.hidden = !wanted;
  if (!wanted) return hang();
  if (stream) return;
  stream = new EventSource("?as=events");
  stream.addEventListener("beat", alive);
  stream.addEventListener("state", (event) => { alive(); show(event.data); askLater(); });
  stream.addEventListener("again", () => { alive(); turn(); });
  stream.addEventListener("turn", (event) => { alive(); draw(event.data); showLost(false); ring(); });
  stream.addEventListener("error", () => {
    if (stream?.readyState !== EventSource.CLOSED) return;
    clearTimeout(watchdog);
    watchdog = setTimeout(() => { hang(); listen(); }, REOPEN_MS);
  });
  alive();
}

const ringer = document.getElementById("ring");
soundButton(ringer);
addEventListener("pagehide", hang);
listen();
ring();

let next = 0;

function askLater() {
  clearTimeout(next);
  const ms = 1000 * Number(state().every);
  next = ms > 0 ? setTimeout(turn, stream ? Math.max(ms, FOLLOWED_MS) : ms) : 0;
}

async function turn() {
  if (document.hidden && !stream) return; // whoever looks again asks at once
  try {
    await ask();
  } catch {
    showLost(true);
    navigator.serviceWorker?.controller?.postMessage("look");
  }
  askLater();
}

document.addEventListener("visibilitychange", () => { if (!document.hidden && Number(state().every)) turn(); });
addEventListener("online", () => { if (Number(state().every)) turn(); });
if (!navigator.onLine || navigator.serviceWorker?.controller) turn(); // the page may be a kept one
else askLater();

// Without a connection the page is shown by its worker, which sees nothing but this address.
async function keep() {
  if (!("serviceWorker" in navigator)) return;
  if ("keepOffline" in slip.dataset) {
    await navigator.serviceWorker.register("?as=worker", { scope: location.pathname });
    return;
  }
  const kept = await navigator.serviceWorker.getRegistration(location.pathname);
  if (kept && new URL(kept.scope).pathname === location.pathname) {
    await caches.delete(`receipt ${kept.scope}`);
    await kept.unregister();
  }
}

keep().catch(() => {}); // a browser that keeps nothing shows the page all the same

const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

const share = document.getElementById("share");
if (share && (navigator.share || navigator.clipboard)) {
  share.hidden = false;
  share.addEventListener("click", async () => {
    const url = location.origin + location.pathname;
    try {
      if (navigator.share) return await navigator.share({ title: document.title, url });
      await navigator.clipboard.writeText(url);
      share.querySelector("span").textContent = share.dataset.done;
    } catch {
      // Whoever changed their mind has shared nothing.
    }
  });
}
