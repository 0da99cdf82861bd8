// The desk by keyboard alone: each act has its key, lists go by arrows, and paper comes with one.
// What is typed or scanned outside a field is looked for.

const ALONE_MS = 120; // a scanner types its next character sooner, a person later
const find = document.getElementById("find");
let chosen = 0;
let typedAt = -ALONE_MS;

const shown = (element) => element.checkVisibility();

function look() {
  find.focus();
  find.select();
}

function use(element) {
  if (element.matches("select, [name=act]")) element.focus(); // what changes something asks for Enter
  else element.click();
}

function move(list, from, by) {
  const links = [...list.querySelectorAll("a")];
  const at = links.indexOf(from);
  const next = links[at === -1 ? (by > 0 ? 0 : links.length - 1) : at + by];
  next?.focus();
  return next !== undefined;
}

addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey) return;
  if (event.key === "F2") {
    event.preventDefault();
    if (find) look();
    else location.assign("/desk");
    return;
  }
  if (event.altKey) {
    const key = event.code.replace("Key", "").toLowerCase();
    const wanted = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(shown);
    if (wanted) {
      event.preventDefault();
      use(wanted);
    }
    return;
  }
  const isDate = event.target.matches("[type=date]") && /^[0-9]$/.test(event.key);
  const isTyping = isDate || event.target.matches("input:not([type=date], [type=checkbox])");
  const isText = event.key.length === 1 && event.key !== " "; // which presses buttons and opens lists
  clearTimeout(chosen);
  if (isText && !isTyping) {
    const digit = document.querySelector(`[data-digit="${CSS.escape(event.key)}"]`);
    if (digit && performance.now() - typedAt > ALONE_MS) chosen = setTimeout(() => digit.click(), ALONE_MS);
    typedAt = performance.now();
    if (find) look(); // the character itself then lands there
  }
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const list = document.querySelector("[data-arrows]");
  const isHere = event.target === find || list?.contains(event.target);
  if (by && list && isHere && move(list, event.target, by)) event.preventDefault();
});

if (find && document.activeElement === find) find.select();

const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
  if (document.querySelector(".notice.good")) print.focus();
}

// One press, one registration, also for a hand that trembles.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("aria-busy")) event.preventDefault();
    form.setAttribute("aria-busy", "true");
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form")) form.removeAttribute("aria-busy");
});
