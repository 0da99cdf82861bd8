// The badge asks again now and then, and says so when nobody answers.

import { draw, showLost } from "./live.js";

const EVERY_MS = 30_000;
const PATIENCE_MS = 10_000;
const OLD_MS = 100_000;

let heard = Date.now();

async function ask() {
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.ok) {
      draw(await answer.text());
      heard = Date.now();
    }
  } catch {
    // Away; the badge says so when that lasts.
  }
  showLost(Date.now() - heard > OLD_MS);
}

setInterval(ask, EVERY_MS);
