// The visitor's screen follows its gate. A language that was tapped lasts as long as its visitor.

import { draw, follow, keepClock } from "./live.js";

const IDLE_MS = 60_000; // whoever tapped and showed no receipt has left
const address = location.pathname.replace(/\/$/, "");
const wasTapped = new URLSearchParams(location.search).has("language");
const attempt = () => document.getElementById("live").dataset.attempt;
let visitor = attempt();

/** Back to the office's own language. */
function nextVisitor() {
  location.replace(address);
}

function show(html) {
  draw(html);
  const now = attempt();
  if (wasTapped && visitor && now !== visitor) nextVisitor();
  visitor ||= now;
}

follow(`${address}/events${location.search}`, { live: show });
keepClock(document.getElementById("clock"));
if (wasTapped) setInterval(() => { if (!attempt()) nextVisitor(); }, IDLE_MS);
