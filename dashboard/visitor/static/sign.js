// The sign at the door follows the office, and comes back by itself whatever was away.

import { freshness } from "./freshness.js";
import { draw, keepClock } from "./live.js";

const EVERY_MS = 4_000;
const PATIENCE_MS = 3_500;
const OLD_MS = 12_000;

const fresh = freshness(document.getElementById("lost"), OLD_MS);

async function ask() {
  try {
    const answer = await fetch(`/sign/now${location.search}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.ok) {
      draw(await answer.text());
      fresh.heard();
    }
  } catch {
    // Away; the sign says so below.
  }
  fresh.look();
}

setInterval(ask, EVERY_MS);
addEventListener("online", ask);
keepClock(document.getElementById("clock"));
