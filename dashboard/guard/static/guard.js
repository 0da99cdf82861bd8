// The guard's page: forms without reloading, shortcuts, sounds, the camera and the scanner.

import { watchCamera } from "./camera.js";
import { draw, follow, keepClock, LIVE_HEADER } from "./live.js";
import { listenForScanner } from "./scanner.js";
import { play, soundButton } from "./sound.js";

const NOTICE_MS = 9000;
const BOUNCE_MS = 300; // a worn mouse or a screen that chatters; nobody means two presses so fast
const live = () => document.getElementById("live");
const field = document.getElementById("scan");
const scanForm = document.getElementById("scan-form");
const notice = document.getElementById("notice");
const done = document.getElementById("done");
const LOOKS_SCANNED = /GB1:/i; // a receipt's code is never a reason or a name
const pressed = new WeakMap(); // a form, when it was last sent and with what
const waiting = new WeakSet(); // forms whose answer is on its way
let verdict = live().dataset.verdict;
let hiding = 0;
let hidingDone = 0;

function say(text) {
  clearTimeout(hiding);
  notice.querySelector("span").textContent = text;
  notice.hidden = text === "";
  // Over an open panel, not dimmed behind it.
  notice.popover = text && openPanel() ? "manual" : null;
  if (notice.popover) notice.showPopover();
  if (text) hiding = setTimeout(say, NOTICE_MS, "");
}

function sayDone(text) {
  clearTimeout(hidingDone);
  done.textContent = text ?? "";
  done.hidden = !text;
  if (text) hidingDone = setTimeout(sayDone, NOTICE_MS, "");
}

const openPanel = () => document.querySelector(":is(.panel, .menu):popover-open");

/** What is wrong with an entry is said beside its field; everything else over the page. */
function complain(form, text, name) {
  const input = name && form.elements[name];
  if (!input) {
    say(text);
    return;
  }
  let error = form.querySelector(".field-error");
  if (!error) {
    error = document.createElement("p");
    error.className = "field-error";
    error.id = `${input.id}-error`;
    error.setAttribute("role", "alert");
    input.after(error);
  }
  error.textContent = text;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-errormessage", error.id);
  input.focus();
  input.select();
}

function forgetComplaint(form) {
  form.querySelector(".field-error")?.remove();
  const input = form.querySelector("[aria-invalid]");
  input?.removeAttribute("aria-invalid");
  input?.removeAttribute("aria-errormessage");
}

/** A scanner types into whatever has the focus: its code is no reason, and it is scanned. */
function scannedInto(form) {
  if (form === scanForm) return false;
  const input = [...form.querySelectorAll("input[type=text], input:not([type])")]
    .find((each) => LOOKS_SCANNED.test(each.value));
  if (!input) return false;
  const code = input.value.slice(input.value.search(LOOKS_SCANNED));
  input.value = input.defaultValue;
  form.closest(":popover-open")?.hidePopover();
  field.value = code;
  scanForm.requestSubmit();
  return true;
}

function show(html) {
  draw(html, openPanel() ? null : field);
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

/** Whether a press of the same button bounces, or repeats one that is not answered yet. */
function bounces(form, said) {
  const now = performance.now();
  const before = pressed.get(form);
  const isRecent = before && (now - before.at < BOUNCE_MS || waiting.has(form));
  if (isRecent && before.said === said) return true; // other words are another act
  pressed.set(form, { at: now, said });
  return false;
}

async function send(form, button) {
  if (scannedInto(form)) return;
  const values = new FormData(form, button);
  if (form !== scanForm && bounces(form, new URLSearchParams(values).toString())) return;
  forgetComplaint(form);
  if (form === scanForm) {
    scanForm.elements.nonce.value = freshNonce();
    field.value = "";
    scanForm.elements.way.value = "in";
  }
  button?.setAttribute("aria-busy", "true");
  waiting.add(form);
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
      sayDone(form.dataset.done);
      show(text);
      form.closest(":popover-open")?.hidePopover();
      // The scan field was emptied before, and may hold the next code by now.
      if (form !== scanForm) form.reset();
    } else {
      complain(form, text, answer.headers.get("X-Gerbang-Field"));
      play("fix");
    }
  } catch {
    say(document.getElementById("lost").textContent.trim());
  } finally {
    waiting.delete(form);
    button?.removeAttribute("aria-busy");
    if (!openPanel()) field.focus({ preventScroll: true });
  }
}

document.addEventListener("submit", (event) => {
  if (new URL(event.target.action).pathname === "/logout") return;
  event.preventDefault();
  send(event.target, event.submitter);
});

for (const form of document.forms) form.noValidate = form.method === "post"; // our words, our place

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-to-scan]")) return;
  event.preventDefault();
  field.focus();
  field.select();
});

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || !event.code.startsWith("Key")) return;
  const button = document.querySelector(`[data-key="${event.code.slice(3)}"]`);
  if (!button || button.closest(".waits:has([data-due]):not(.due)")) return;
  event.preventDefault();
  if (!button.closest(".panel")) document.querySelector(".panel:popover-open")?.hidePopover();
  button.click();
});

/** Everything that may have the focus in a panel, in the order of Tab. */
function stopsOf(panel) {
  return [...panel.querySelectorAll("button, input:not([type=hidden]), a[href]")]
    .filter((each) => each.checkVisibility() && (each.type !== "radio" || each.checked));
}

document.addEventListener("keydown", (event) => {
  const panel = document.querySelector(".panel:popover-open");
  if (event.key !== "Tab" || !panel) return;
  const stops = stopsOf(panel);
  const last = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement !== last && panel.contains(document.activeElement)) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
});

for (const panel of document.querySelectorAll(".panel")) {
  // A panel is for the visitor on show when it opens, whoever comes while it is open.
  panel.addEventListener("beforetoggle", (event) => {
    if (event.newState !== "open") return;
    for (const form of panel.querySelectorAll("form")) {
      forgetComplaint(form);
      pressed.delete(form); // whoever opened it again means it
    }
    for (const input of panel.querySelectorAll("[data-attempt]")) {
      input.value = live().dataset.attempt;
    }
  });
  panel.addEventListener("toggle", (event) => {
    if (event.newState === "open") {
      if (!panel.contains(document.activeElement)) (panel.querySelector("[autofocus]") ?? panel.querySelector("input, button")).focus();
    } else if (!openPanel()) {
      field.focus({ preventScroll: true });
    }
  });
}

if (!notice.hidden) hiding = setTimeout(say, NOTICE_MS, "");
soundButton(document.getElementById("sound"));
listenForScanner(scanForm, field, document.getElementById("scan-state"));
watchCamera(document.getElementById("picture"));
watchCamera(document.getElementById("thermal-picture"));
follow(`/gate/${live().dataset.gate}/events`, { live: show });
keepClock(document.getElementById("clock"));
