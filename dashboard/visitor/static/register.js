// Tells how long the place is kept. All else of the registration works without any script.

const kept = document.getElementById("kept");
const told = document.getElementById("kept-soon");
const SOON_S = 60;

function show(leftS) {
  if ("over" in kept.dataset) return false;
  if (leftS <= 0) {
    kept.dataset.over = "";
    told.textContent = told.dataset.over;
    return false;
  }
  const minutes = Math.floor(leftS / 60);
  document.getElementById("kept-left").textContent = `${minutes}:${String(leftS % 60).padStart(2, "0")}`;
  if (leftS <= SOON_S) {
    kept.dataset.soon = "";
    if (!told.textContent) told.textContent = told.dataset.soon;
  }
  return true;
}

// Whoever leaves gives the place back, but for a few seconds: a page may only have been reloaded.
function tell(act) {
  const { csrf_token, visit } = form.elements;
  return new URLSearchParams({ act, csrf_token: csrf_token.value, visit: visit.value });
}

async function comeBack() {
  if (!("held" in form.dataset) || document.hidden || (kept && "over" in kept.dataset)) return;
  const answer = await fetch("/register", { method: "POST", body: tell("back") }).catch(() => null);
  if (answer?.status !== 409) return;
  delete form.dataset.held;
  if (!kept) return;
  kept.dataset.over = "";
  kept.querySelector(".kept-over").textContent = told.textContent = told.dataset.gone;
}

const form = document.getElementById("visit");
if (form && "held" in form.dataset) {
  addEventListener("pagehide", () => {
    if (!form.dataset.sent && "held" in form.dataset) navigator.sendBeacon("/register", tell("away"));
  });
  addEventListener("pageshow", (event) => { if (event.persisted) comeBack(); });
  document.addEventListener("visibilitychange", comeBack);
  const [way] = performance.getEntriesByType("navigation");
  const isFromForm = way?.type === "navigate" && document.referrer.startsWith(`${location.origin}/register`);
  if (!isFromForm) comeBack();
}

if (kept && !("over" in kept.dataset)) {
  // The server said how long; a phone's own clock may be wrong, but it runs as fast.
  const left = Number(kept.dataset.left);
  const begun = Date.now();
  const turn = () => {
    if (!show(Math.ceil(left - (Date.now() - begun) / 1000))) clearInterval(timer);
  };
  const timer = setInterval(turn, 1000);
  turn();
  addEventListener("pageshow", turn);
}

// A second press of the same button changes nothing; it need not be sent.
form?.addEventListener("submit", (event) => {
  if (form.dataset.sent && Date.now() - Number(form.dataset.sent) < 5000) return event.preventDefault();
  form.dataset.sent = String(Date.now());
});
addEventListener("pageshow", () => { if (form) delete form.dataset.sent; });

// What is wrong is where the reader is taken.
document.querySelector("[aria-invalid]")?.focus();
