// The manager's page follows the log, the room and the day through one stream.

import { draw, follow } from "./live.js";

const ROWS_SHOWN = 20;
const rows = document.getElementById("entries");
let unread = null;

function isTyping() {
  const active = document.activeElement;
  return active?.closest("#day") && active.matches("input, select");
}

function drawDay(html) {
  unread = html;
  if (isTyping()) return; // drawn when whoever types there is done
  unread = null;
  draw(html);
}

addEventListener("focusout", () => setTimeout(() => { if (unread) drawDay(unread); }));

function addRow(html) {
  const sheet = document.createElement("template");
  sheet.innerHTML = html;
  const row = sheet.content.firstElementChild;
  if (!row) return; // a row of the log that is not of visitors
  if (rows.querySelector(`[data-entry="${row.dataset.entry}"]`)) return;
  row.classList.add("new");
  rows.prepend(row);
  document.getElementById("no-entries")?.remove();
  while (rows.children.length > ROWS_SHOWN) rows.lastElementChild.remove();
}

follow(document.querySelector("[data-stream]").dataset.stream, {
  entry: addRow,
  room: draw,
  day: drawDay,
  needs: draw,
});
