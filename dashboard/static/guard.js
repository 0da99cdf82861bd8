// The guard's page: forms without reloading, shortcuts, sounds, the camera and the scanner.

import { watchCamera } from "./camera.js";
import { draw, follow, keepClock, LIVE_HEADER } from "./live.js";
import { listenForScanner } from "./scanner.js";
import { play, soundButton } from "./sound.js";

const NOTICE_MS = 9000;
const live = () => document.getElementById("live");
const field = document.getElementById("scan");
const scanForm = document.getElementById("scan-form");
const notice = document.getElementById("notice");
let verdict = live().dataset.verdict;
let hiding = 0;

function say(text) {
  clearTimeout(hiding);
  notice.querySelector("span").textContent = text;
  notice.hidden = text === "";
  if (text) hiding = setTimeout(say, NOTICE_MS, "");
}

function show(html) {
  draw(html);
  const now = live();
  if (now.dataset.verdict !== verdict) {
    verdict = now.dataset.verdict;
    play(now.dataset.state);
  }
}

function freshNonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function send(form, button) {
  const values = new FormData(form, button);
  if (form === scanForm) {
    scanForm.elements.nonce.value = freshNonce();
    field.value = "";
    scanForm.elements.way.value = "in";
  }
  button?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(values),
      headers: LIVE_HEADER,
    });
    const text = await answer.text();
    if (answer.redirected || answer.status === 401) location.reload();
    else if (answer.ok) {
      say("");
      show(text);
      form.closest(":popover-open")?.hidePopover();
      // The scan field was emptied before, and may hold the next code by now.
      if (form !== scanForm) form.reset();
    } else {
      say(text);
      play("fix");
    }
  } catch {
    say(document.getElementById("lost").textContent.trim());
  } finally {
    button?.removeAttribute("aria-busy");
    if (!document.querySelector(":popover-open")) field.focus({ preventScroll: true });
  }
}

document.addEventListener("submit", (event) => {
  if (new URL(event.target.action).pathname === "/logout") return;
  event.preventDefault();
  send(event.target, event.submitter);
});

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || !event.code.startsWith("Key")) return;
  const button = document.querySelector(`[data-key="${event.code.slice(3)}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});

for (const panel of document.querySelectorAll(".panel")) {
  // A panel is for the visitor on show when it opens, whoever comes while it is open.
  panel.addEventListener("beforetoggle", (event) => {
    if (event.newState !== "open") return;
    for (const input of panel.querySelectorAll("[data-attempt]")) {
      input.value = live().dataset.attempt;
    }
  });
  panel.addEventListener("toggle", (event) => {
    if (event.newState === "closed") field.focus({ preventScroll: true });
  });
}

if (!notice.hidden) hiding = setTimeout(say, NOTICE_MS, "");
soundButton(document.getElementById("sound"));
listenForScanner(scanForm, field, document.getElementById("scan-state"));
watchCamera(document.getElementById("picture"));
watchCamera(document.getElementById("thermal-picture"));
follow(`/gate/${live().dataset.gate}/events`, { live: show });
keepClock(document.querySelector(".bar-clock"));
