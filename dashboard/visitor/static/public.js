// The public page asks now and then how full the office is; no stream for every phone in town.

const EVERY_MS = 20000;
const BUSY_FROM = 0.8;

async function ask() {
  if (document.hidden) return;
  const answer = await fetch("/api/v1/status");
  if (!answer.ok) return;
  const { occupancy, capacity } = await answer.json();
  const level = occupancy >= capacity ? "full" : occupancy >= BUSY_FROM * capacity ? "busy" : "calm";
  const title = document.getElementById("hero-title");
  document.getElementById("occupancy").textContent = occupancy.toLocaleString(document.documentElement.lang);
  document.getElementById("meter").setAttribute("width", Math.min(100, (100 * occupancy) / capacity));
  document.querySelector(".hero").dataset.level = level;
  if (title.textContent !== title.dataset[level]) title.textContent = title.dataset[level];
}

setInterval(() => ask().catch(() => {}), EVERY_MS);
