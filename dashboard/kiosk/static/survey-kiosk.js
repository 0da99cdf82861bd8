// What somebody left half done is cleared for the next one.

const form = document.getElementById("survey-form");
const LEFT_MS = 120_000;
let timer = 0;

function touched() {
  clearTimeout(timer);
  timer = setTimeout(() => location.replace(form.dataset.start), LEFT_MS);
}

for (const kind of ["input", "pointerdown", "keydown"]) addEventListener(kind, touched);
