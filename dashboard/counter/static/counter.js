// An officer's page: forms without reloading, a key for each act, clocks that run.

import { draw, follow, keepClock, LIVE_HEADER } from "./live.js";

const NOTICE_MS = 9_000;
const BOUNCE_MS = 300; // nobody means two presses so fast
const WANTED = "gerbang.counter.keys";
const main = document.getElementById("main"); // busy until another act would be taken
const live = () => document.getElementById("live");
const tools = document.getElementById("tools");
const notice = document.getElementById("notice");
const keys = document.getElementById("keys");
const ahead_s = Date.now() / 1000 - Number(tools.dataset.now); // of this computer's clock
let hiding = 0;
let sentAt = -BOUNCE_MS;
let isSending = false;

function say(text) {
  clearTimeout(hiding);
  notice.querySelector("span").textContent = text;
  notice.hidden = text === "";
  if (text) hiding = setTimeout(say, NOTICE_MS, "");
}

function show(html) {
  draw(html, main);
  for (const shown of tools.querySelectorAll("[data-shown]")) shown.value = live().dataset.ticket;
  tick();
}

async function send(form, button) {
  const now = performance.now();
  if (isSending || now - sentAt < BOUNCE_MS) return;
  let isLeaving = false;
  isSending = true;
  sentAt = now;
  main.setAttribute("aria-busy", "true");
  button?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(button?.hasAttribute("formaction") ? button.formAction : form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form, button)),
      headers: LIVE_HEADER,
    });
    const text = await answer.text();
    isLeaving = answer.redirected || answer.status === 401 || (answer.ok && "reload" in form.dataset);
    if (isLeaving) location.reload();
    else if (answer.ok) {
      say("");
      form.querySelector("#outcome, #new-outcome")?.form.reset();
      form.closest("details")?.removeAttribute("open");
      show(text);
    } else say(text);
  } catch {
    say(document.getElementById("lost").textContent.trim());
  } finally {
    isSending = isLeaving;
    button?.removeAttribute("aria-busy");
    setTimeout(rest, BOUNCE_MS - (performance.now() - now));
  }
}

function rest() {
  if (!isSending) main.removeAttribute("aria-busy");
}

document.addEventListener("submit", (event) => {
  if (new URL(event.target.action).pathname === "/logout") return;
  event.preventDefault();
  send(event.target, event.submitter);
});

// One key for each act, while nothing is being typed; they can be switched off.

const areOn = () => localStorage.getItem(WANTED) !== "off";

function showKeys() {
  keys.hidden = false;
  keys.setAttribute("aria-pressed", String(areOn()));
  keys.querySelector("span").textContent = areOn() ? keys.dataset.on : keys.dataset.off;
  document.body.classList.toggle("keyless", !areOn());
}

keys.addEventListener("click", () => {
  localStorage.setItem(WANTED, areOn() ? "off" : "on");
  showKeys();
});

const isTyping = (element) => element.matches("input:not([type=checkbox]), select, textarea");

document.addEventListener("keydown", (event) => {
  const open = document.querySelector("details.tool[open]");
  if (event.key === "Escape") {
    open?.removeAttribute("open");
    document.activeElement.blur();
    return;
  }
  if (!areOn() || event.altKey || event.ctrlKey || event.metaKey || event.repeat || isTyping(event.target)) return;
  const digit = open?.querySelector(`[data-digit="${event.key}"]`);
  const act = digit ?? document.querySelector(`[data-key="${CSS.escape(event.key.toUpperCase())}"]`);
  if (!act?.checkVisibility()) return;
  event.preventDefault();
  if (act.matches("input")) act.focus();
  else act.click();
});

for (const panel of document.querySelectorAll("details.tool")) {
  panel.addEventListener("toggle", () => {
    if (!panel.open) return;
    for (const other of document.querySelectorAll("details.tool[open]")) if (other !== panel) other.open = false;
    panel.querySelector("form :is(button, input:not([type=hidden]))")?.focus();
  });
}

/** Minutes and seconds since something began, by the server's clock. */
function tick() {
  const now_s = Date.now() / 1000 - ahead_s;
  for (const element of document.querySelectorAll(".elapsed")) {
    const spent = Math.max(0, Math.floor(now_s - Number(element.dataset.since)));
    const text = element.closest(".person")
      ? `${Math.floor(spent / 60)}:${String(spent % 60).padStart(2, "0")}`
      : `${Math.floor(spent / 60)}′`;
    if (element.textContent !== text) element.textContent = text;
  }
}

if (!notice.hidden) hiding = setTimeout(say, NOTICE_MS, "");
showKeys();
follow(`${live().dataset.acts}/events`, { live: show });
keepClock(document.getElementById("clock"));
tick();
setInterval(tick, 1_000);
