// The sign at the door follows the office, and comes back by itself whatever was away.

import { draw, keepClock } from "./live.js";

const EVERY_MS = 4_000;
const PATIENCE_MS = 3_500;
const OLD_MS = 12_000;

const lost = document.getElementById("lost");
let heard = performance.now();

async function ask() {
  try {
    const answer = await fetch(`/sign/now${location.search}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.ok) {
      if (isLost()) location.reload(); // the server may be a newer one by now
      draw(await answer.text());
      heard = performance.now();
      waitAgain();
    }
  } catch {
    // Away; the sign says so below.
  }
  lost.classList.toggle("shown", isLost());
}

function isLost() {
  return performance.now() - heard > OLD_MS;
}

/** The style alone shows what is lost after a while, should this script stand still. */
function waitAgain() {
  for (const waiting of lost.getAnimations()) waiting.currentTime = 0;
}

setInterval(ask, EVERY_MS);
addEventListener("online", ask);
keepClock(document.getElementById("clock"));
