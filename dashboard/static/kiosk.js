// The visitor's screen follows its gate.

import { draw, follow } from "./live.js";

const address = location.pathname.replace(/\/$/, "");
follow(`${address}/events`, { live: draw });
