// The visitor's screen follows its gate. A language that was tapped lasts as long as its visitor.

import { draw, follow, keepClock } from "./live.js";
import { speaker } from "./speech.js";

const IDLE_MS = 60_000; // whoever tapped and showed no receipt has left
const ASK_MS = 4_000;
const address = location.pathname.replace(/\/$/, "");
const wasTapped = new URLSearchParams(location.search).has("language");
const attempt = () => document.getElementById("live").dataset.attempt;
const form = document.getElementById("voice");
const screen = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
/** Only a screen that somebody of the office let speak has a form to ask with. */
const voice = form && speaker({
  languages: form.dataset.voices.split(" "),
  tap: document.getElementById("voice-tap"),
  mute: document.getElementById("voice-none"),
  hasClips: "clips" in form.dataset,
  ready: ask,
});
let visitor = attempt();
let verdict = document.getElementById("live").dataset.verdict;

/** Back to the office's own language. */
function nextVisitor() {
  location.replace(address);
}

function show(html) {
  draw(html);
  const now = attempt();
  if (wasTapped && visitor && now !== visitor) nextVisitor();
  visitor ||= now;
  if (document.getElementById("live").dataset.verdict === verdict) return;
  verdict = document.getElementById("live").dataset.verdict;
  voice?.hush(); // that was for the step before
  ask();
}

/** Only a screen that is heard asks; whoever tapped a language hears that one. */
async function ask() {
  if (!voice?.isHeard()) return;
  const values = new FormData(form);
  values.set("screen", screen);
  values.set("has_words", String(voice.hasWords()));
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(values) });
    if (answer.ok) for (const said of (await answer.json()).say) voice.say(wasTapped ? said.slice(0, 1) : said);
  } catch {
    // Away; it asks again.
  }
}

addEventListener("pagehide", () => {
  if (!form) return;
  const values = new FormData(form);
  values.set("screen", screen);
  values.set("is_leaving", "true");
  navigator.sendBeacon(form.action, new URLSearchParams(values));
});

if (form) form.hidden = false;
setInterval(ask, ASK_MS);

follow(`${address}/events${location.search}`, { live: show });
keepClock(document.getElementById("clock"));
if (wasTapped) setInterval(() => { if (!attempt()) nextVisitor(); }, IDLE_MS);
