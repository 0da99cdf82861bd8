// Follows a stream and lets the page change only where something changed.

export const LIVE_HEADER = { "X-Gerbang-Live": "1" };

/** What somebody has unfolded stays as they left it. */
function isOfThePerson(element, name) {
  return name === "open" && element.nodeName === "DETAILS" && element.id !== "";
}

/** Make `from` look like `to`, keeping every element that is in both (and its focus). */
function morph(from, to) {
  if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName) {
    from.replaceWith(to);
    return;
  }
  if (from.nodeType !== Node.ELEMENT_NODE) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  if (from.hasAttribute("data-keep") && to.hasAttribute("data-keep")) return;
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !isOfThePerson(from, name)) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (isOfThePerson(from, name)) continue;
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  let at = from.firstChild;
  for (const child of [...to.childNodes]) {
    const match = sameElement(from, at, child);
    if (match === null) {
      from.insertBefore(child, at);
      continue;
    }
    if (match !== at) from.insertBefore(match, at);
    else at = at.nextSibling;
    morph(match, child);
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

/** What in `from`, at `at` or with the same id, becomes `wanted`; null where nothing does. */
function sameElement(from, at, wanted) {
  if (wanted.id) return [...from.children].find((child) => child.id === wanted.id) ?? null;
  return at && !at.id && at.nodeName === wanted.nodeName ? at : null;
}

/**
 * Put a drawing from the server in the place of the element with the same id. The focus stays where
 * it was, on the element with the same id; where that is gone it goes to `home`.
 */
export function draw(html, home = null) {
  const focused = document.activeElement;
  const sheet = document.createElement("template");
  sheet.innerHTML = html;
  for (const fresh of [...sheet.content.children]) {
    const present = document.getElementById(fresh.id);
    if (!present) continue;
    morph(present, fresh);
    startCountdowns(document.getElementById(fresh.id));
  }
  if (document.activeElement === focused) return;
  const again = (focused.id && document.getElementById(focused.id)) || home;
  again?.focus({ preventScroll: true });
}

/** Say plainly when the page may be old. */
export function showLost(isLost) {
  document.body.classList.toggle("stale", isLost);
  const banner = document.getElementById("lost");
  if (banner) banner.hidden = !isLost;
}

const PATIENCE_MS = 4000;
const RETRY_MS = 3000;
const RUN_ELSEWHERE = 421;
const SILENCE_MS = 25000; // the server sends something every ten seconds

/**
 * Follow `address`; `on` maps event names to functions of the event's text. The browser reconnects
 * by itself and sends Last-Event-ID; a refused stream (log-in over, gate run elsewhere) loads the page again.
 */
export function follow(address, on) {
  let warning = 0;
  let watchdog = 0;
  let source = null;
  const heard = () => {
    clearTimeout(warning);
    clearTimeout(watchdog);
    warning = 0;
    showLost(false);
    watchdog = setTimeout(() => { warn(); source.close(); open(); }, SILENCE_MS);
  };
  const warn = () => { warning ||= setTimeout(showLost, PATIENCE_MS, true); };
  const open = () => {
    source = new EventSource(address);
    for (const [name, act] of Object.entries({ beat: () => {}, ...on })) {
      source.addEventListener(name, (event) => { heard(); act(event.data); });
    }
    source.addEventListener("error", () => {
      warn();
      if (source.readyState === EventSource.CLOSED) setTimeout(reopen, RETRY_MS);
    });
  };
  const reopen = async () => {
    try {
      const answer = await fetch(location.href, { redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.status === RUN_ELSEWHERE) location.reload();
    } catch {
      // The server is away; the next try will tell.
    }
    open();
  };
  open();
  addEventListener("pagehide", () => source.close());
}

// Countdowns run between two drawings; the server's number always wins.

const running = new Map();

export function startCountdowns(root = document) {
  for (const element of root.querySelectorAll("[data-countdown]")) {
    const seconds = Number(element.dataset.countdown);
    running.set(element, performance.now() + seconds * 1000);
  }
}

function tick() {
  for (const [element, end] of running) {
    if (!element.isConnected || !element.hasAttribute("data-countdown")) {
      running.delete(element);
      continue;
    }
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    const text = left === 0 && element.dataset.done
      ? element.dataset.done
      : `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (element.textContent !== text) element.textContent = text;
    if (left === 0 && element.hasAttribute("data-due")) element.closest("li, .waits")?.classList.add("due");
  }
}

startCountdowns();
setInterval(tick, 500);

/** Let a clock run in the site's zone; the page was drawn with the server's time. */
export function keepClock(element) {
  const mark = element.textContent.includes(":") ? ":" : ".";
  const timeZone = document.body.dataset.zone;
  setInterval(() => {
    element.textContent = new Date()
      .toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone })
      .replace(":", mark);
  }, 5000);
}
