// Follows a backup that is at work until it is done.

const ASK_MS = 1500;

async function ask() {
  try {
    const answer = await fetch("/admin/backup/work", { headers: { "X-Gerbang-Live": "1" } });
    if (answer.status === 401) {
      location.reload();
      return;
    }
    if (answer.ok) {
      const drawn = document.createElement("template");
      drawn.innerHTML = await answer.text();
      const next = drawn.content.getElementById("backup-work");
      const shown = document.getElementById("backup-work");
      if (next.dataset.state !== shown.dataset.state) shown.replaceWith(next);
      if (next.dataset.state !== "working") return;
    }
  } catch {
    // The server is away for a moment; the next question will find it.
  }
  setTimeout(ask, ASK_MS);
}

if (document.getElementById("backup-work").dataset.state === "working") setTimeout(ask, ASK_MS);
