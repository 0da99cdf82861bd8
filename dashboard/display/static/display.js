// A waiting room's screen follows the queue, comes back by itself, and calls aloud.

import { freshness } from "./freshness.js";
import { draw, follow, keepClock } from "./live.js";
import { speaker } from "./speech.js";

const OLD_MS = 25_000; // the server sends something every ten seconds
const LOOK_MS = 1_000;
const TURN_MS = 9_000;
const ASK_MS = 4_000;

const live = () => document.getElementById("live");
const form = document.getElementById("voice");
const fresh = freshness(document.getElementById("old"), OLD_MS);
const screen = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
/** Only a screen that somebody of the office let speak has a form to ask with. */
const voice = form && speaker({
  languages: form.dataset.voices.split(" "),
  tap: document.getElementById("voice-tap"),
  mute: document.getElementById("voice-none"),
  hasClips: "clips" in form.dataset,
  ready: ask,
});
let turn = 0;
let calls = live().dataset.calls;

function show(html) {
  draw(html);
  fresh.heard();
  showTurn();
  if (live().dataset.calls === calls) return;
  calls = live().dataset.calls;
  ask();
}

/** One sentence after the other: each is as large as the room needs it. */
function showTurn() {
  const items = document.querySelectorAll(".display-turns li");
  items.forEach((item, at) => item.classList.toggle("shown", at === turn % items.length));
}

/** Only a screen that is heard asks; the server says which of them speaks. */
async function ask() {
  if (!voice?.isHeard()) return;
  const values = new FormData(form);
  values.set("screen", screen);
  values.set("has_words", String(voice.hasWords()));
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(values) });
    if (answer.ok) for (const call of (await answer.json()).say) voice.say(call);
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
follow(`${location.pathname.replace(/\/$/, "")}/events${location.search}`, { live: show, beat: fresh.heard });
keepClock(document.getElementById("clock"));
showTurn();
setInterval(() => { turn += 1; showTurn(); }, TURN_MS);
setInterval(fresh.look, LOOK_MS);
setInterval(ask, ASK_MS);
