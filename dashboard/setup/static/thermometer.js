// A gate's thermometer: its value every second, and forms without reloading.

import { draw, LIVE_HEADER, showLost } from "./live.js";

const PAUSE_MS = 1000;
const PATIENCE_MS = 4000;
const NOTICE_MS = 9000;
const sheet = document.querySelector("[data-gate]");
const address = `/gate/${sheet.dataset.gate}/thermometer/live`;
const notice = document.getElementById("notice");
let heardAt = performance.now();
let sending = 0;
let hiding = 0;

function say(text) {
  clearTimeout(hiding);
  notice.querySelector("span").textContent = text;
  notice.hidden = text === "";
  if (text) hiding = setTimeout(say, NOTICE_MS, "");
}

async function send(form, button) {
  button?.setAttribute("aria-busy", "true");
  sending += 1;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form, button)),
      headers: LIVE_HEADER,
    });
    const text = await answer.text();
    if (answer.redirected || answer.status === 401) {
      location.reload();
    } else if (answer.ok) {
      say("");
      const following = form.dataset.next;
      form.reset();
      draw(text);
      // What comes next is under the finger: the field of the value just taken, or the next one.
      if (following) document.querySelector(following)?.focus();
    } else {
      say(text);
    }
  } catch {
    say(document.getElementById("lost").textContent.trim());
  } finally {
    sending -= 1;
    button?.removeAttribute("aria-busy");
  }
}

async function ask() {
  if (document.hidden) {
    heardAt = performance.now();
  } else if (!sending) {
    try {
      const answer = await fetch(address, { cache: "no-store", headers: LIVE_HEADER });
      if (answer.status === 401) location.reload();
      const text = await answer.text();
      if (answer.ok && !sending) {
        draw(text);
        heardAt = performance.now();
      }
    } catch {
      // Told below, once it lasts.
    }
    showLost(performance.now() - heardAt > PATIENCE_MS);
  }
  setTimeout(ask, PAUSE_MS);
}

sheet.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target, event.submitter);
});
if (!notice.hidden) hiding = setTimeout(say, NOTICE_MS, "");
ask();
