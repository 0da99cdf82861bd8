// The public page asks now and then how the office stands; no stream for every phone in town.

import { draw, showLost } from "./live.js";

const EVERY_MS = 10_000;
const PATIENCE_MS = 8_000;
const OLD_MS = 40_000; // three tries that brought nothing

let heard = Date.now();

async function ask() {
  if (document.hidden) return;
  try {
    const answer = await fetch("/now", { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.ok) {
      draw(await answer.text());
      heard = Date.now();
    }
  } catch {
    // The server or the network is away; the page says so when that lasts.
  }
  showLost(Date.now() - heard > OLD_MS);
}

setInterval(ask, EVERY_MS);
document.addEventListener("visibilitychange", () => {
  showLost(Date.now() - heard > OLD_MS); // a phone that slept shows nothing old as new
  ask();
});
addEventListener("online", ask);
