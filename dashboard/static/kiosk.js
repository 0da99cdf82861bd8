// The visitor's screen follows its gate.

import { draw, follow, keepClock } from "./live.js";

const address = location.pathname.replace(/\/$/, "");
follow(`${address}/events`, { live: draw });
keepClock(document.getElementById("clock"));
