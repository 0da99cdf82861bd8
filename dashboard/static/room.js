// The manager's page follows the log and the room through one stream.

import { draw, follow, LIVE_HEADER } from "./live.js";

const ROWS_SHOWN = 20;
const DAY_MS = 60000;
const GATHER_MS = 700;
const rows = document.getElementById("entries");
let pending = 0;

async function readDay() {
  pending = 0;
  const active = document.activeElement;
  if (active?.closest("#day") && active.matches("input, select")) return; // somebody is typing there
  const answer = await fetch("/dashboard/day", { headers: LIVE_HEADER });
  if (answer.ok) draw(await answer.text());
}

function gather() {
  pending ||= setTimeout(() => readDay().catch(() => {}), GATHER_MS);
}

function addRow(html) {
  const sheet = document.createElement("template");
  sheet.innerHTML = html;
  const row = sheet.content.firstElementChild;
  if (rows.querySelector(`[data-entry="${row.dataset.entry}"]`)) return;
  row.classList.add("new");
  rows.prepend(row);
  document.getElementById("no-entries")?.remove();
  while (rows.children.length > ROWS_SHOWN) rows.lastElementChild.remove();
  gather();
}

follow(document.querySelector("[data-stream]").dataset.stream, {
  entry: addRow,
  room: draw,
  gate: gather,
});
setInterval(gather, DAY_MS);
