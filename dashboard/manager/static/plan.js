// Asks how far the plan is, shows the answer when it is there, and says so when the page is left.

const ASK_MS = 700;
const part = document.querySelector("[data-plan]");
const number = part.dataset.plan; // none while the past days are read
let isOver = false;

async function ask() {
  try {
    const answer = await fetch(`/plan/${number}/progress`, { headers: { "X-Gerbang-Live": "1" } });
    if (answer.ok) {
      const drawn = document.createElement("template");
      drawn.innerHTML = await answer.text();
      const shown = document.getElementById("plan-progress");
      const next = drawn.content.getElementById("plan-progress");
      if (next.dataset.state === "done") {
        isOver = true;
        location.reload();
        return;
      }
      const bar = shown.querySelector("progress");
      if (bar && next.querySelector("progress")) bar.value = next.querySelector("progress").value;
      else shown.replaceWith(next);
      if (next.dataset.state === "failed") {
        isOver = true;
        return;
      }
    } else if (answer.status === 404 || answer.status === 401) {
      isOver = true;
      location.reload();
      return;
    }
  } catch {
    // The server is away for a moment; the next question will find it.
  }
  setTimeout(ask, ASK_MS);
}

addEventListener("pagehide", () => {
  if (isOver || !number) return;
  const form = new FormData();
  form.set("csrf_token", part.dataset.csrf);
  navigator.sendBeacon(`/plan/${number}/leave`, form);
});
setTimeout(number ? ask : () => location.reload(), ASK_MS);
