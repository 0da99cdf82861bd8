// Tells how long the place is kept. All else of the registration works without any script.

const kept = document.getElementById("kept");
const told = document.getElementById("kept-soon");
const SOON_S = 60;

function show(leftS) {
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
const form = document.getElementById("visit");
form?.addEventListener("submit", (event) => {
  if (form.dataset.sent && Date.now() - Number(form.dataset.sent) < 5000) return event.preventDefault();
  form.dataset.sent = String(Date.now());
});
addEventListener("pageshow", () => { if (form) delete form.dataset.sent; });

// What is wrong is where the reader is taken.
document.querySelector("[aria-invalid]")?.focus();
