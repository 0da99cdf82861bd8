// Opens, seals and marks seats on the drawing, by mouse, finger or keyboard.
// The list of checkboxes and the fields of marks are what is sent; the drawing follows them.

const plan = document.getElementById("plan");
const form = plan.closest("form");
const ticks = new Map([...form.querySelectorAll("[name=open]")].map((box) => [box.value, box]));
const seats = [...plan.querySelectorAll(".seat")];
const MARKS = ["pin", "wheelchair", "near_door", "near_counter"];
const TOLERANCE_M = 0.001;

const fieldOf = (name) => form.querySelector(`#${name}`);
const labelsIn = (text) => text.split(",").map((label) => label.trim()).filter(Boolean);
const familiesIn = () => fieldOf("family").value.split(";").map(labelsIn).filter((one) => one.length);

function isMarked(mark, label) {
  return mark === "family"
    ? familiesIn().some((family) => family.includes(label))
    : labelsIn(fieldOf(mark).value).includes(label);
}

function mark(name, label, isWanted) {
  if (name !== "family") {
    const kept = labelsIn(fieldOf(name).value).filter((one) => one !== label);
    fieldOf(name).value = (isWanted ? [...kept, label] : kept).join(", ");
    return;
  }
  const families = familiesIn().map((one) => one.filter((other) => other !== label));
  if (isWanted) {
    const near = families.find((one) => one.some((other) => isBeside(label, other)));
    if (near) near.push(label);
    else families.push([label]);
  }
  fieldOf("family").value = families.filter((one) => one.length).map((one) => one.join(", ")).join("; ");
}

function metresBetween(one, other) {
  const [a, b] = [ticks.get(one)?.dataset, ticks.get(other)?.dataset];
  return a && b && a.room === b.room ? Math.hypot(a.x - b.x, a.y - b.y) : Infinity;
}

/** A seat joins the family on the nearest seat of its own, as far as one stands beside it. */
function isBeside(one, other) {
  const nearest = Math.min(...[...ticks.keys()].filter((label) => label !== one).map((label) => metresBetween(one, label)));
  return metresBetween(one, other) <= nearest * 1.5;
}

function press(seat, isWanted) {
  const { label } = seat.dataset;
  const tool = form.elements.tool.value;
  if (tool === "open") {
    ticks.get(label).checked = isWanted;
    if (!isWanted) for (const one of ["pin", "wheelchair", "family"]) mark(one, label, false);
  } else {
    mark(tool, label, isWanted);
    if (isWanted && !tool.startsWith("near")) ticks.get(label).checked = true;
  }
  draw();
}

function isSet(seat) {
  const tool = form.elements.tool.value;
  return tool === "open" ? ticks.get(seat.dataset.label).checked : isMarked(tool, seat.dataset.label);
}

function kindOf(label) {
  if (isMarked("wheelchair", label)) return "wheelchair";
  if (isMarked("near_door", label) || isMarked("near_counter", label)) return "near";
  return isMarked("family", label) ? "family" : "anybody";
}

function draw() {
  const open = [];
  for (const seat of seats) {
    const { label } = seat.dataset;
    const isOpen = ticks.get(label).checked;
    if (isOpen) open.push(label);
    seat.dataset.state = isOpen ? "free" : "sealed";
    seat.dataset.kind = kindOf(label);
    seat.toggleAttribute("data-pinned", isMarked("pin", label));
    seat.setAttribute("aria-checked", String(isSet(seat)));
    const words = MARKS.concat("family").filter((one) => isMarked(one, label)).map((one) => form.querySelector(`label[for=${one}]`).textContent);
    seat.setAttribute("aria-label", [label, isOpen ? plan.dataset.open : plan.dataset.sealed, ...words].join(", "));
  }
  document.getElementById("told").textContent = plan.dataset.told.replace("%(count)s", open.length).replace("%(all)s", seats.length);
  tellCrowded(open);
}

function tellCrowded(open) {
  const typed = fieldOf("distance").value;
  const distance = Number(typed.replace(",", ".")) - TOLERANCE_M;
  const families = familiesIn();
  const pairs = [];
  open.forEach((one, place) => {
    for (const other of open.slice(place + 1)) {
      const isFamily = families.some((family) => family.includes(one) && family.includes(other));
      if (!isFamily && metresBetween(one, other) < distance) pairs.push(`${one}–${other}`);
    }
  });
  const told = document.getElementById("crowded");
  told.hidden = pairs.length === 0;
  told.querySelector("span").textContent = plan.dataset.crowded.replace("%(distance)s", typed).replace("%(count)s", pairs.length).replace("%(pairs)s", pairs.slice(0, 5).join(", "));
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The nearest seat that way; what stands aside of the way counts double. */
function seatTowards(seat, [dx, dy]) {
  const centre = (one) => {
    const box = one.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const [x, y] = centre(seat);
  let best = null;
  for (const other of seats) {
    const [ox, oy] = centre(other);
    const ahead = (ox - x) * dx + (oy - y) * dy;
    const aside = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
    if (ahead > 1 && aside <= ahead * 2 && (!best || ahead + 2 * aside < best.far)) best = { other, far: ahead + 2 * aside };
  }
  return best?.other;
}

function go(seat) {
  for (const one of seats) one.setAttribute("tabindex", one === seat ? "0" : "-1");
  seat.focus();
}

let painting = null;
for (const seat of seats) {
  seat.setAttribute("role", "checkbox");
  seat.setAttribute("tabindex", seat === seats[0] ? "0" : "-1");
  seat.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    seat.releasePointerCapture?.(event.pointerId);
    painting = event.pointerType === "mouse" ? !isSet(seat) : null;
    if (painting !== null) press(seat, painting);
  });
  seat.addEventListener("pointerenter", () => {
    if (painting !== null && isSet(seat) !== painting) press(seat, painting);
  });
  seat.addEventListener("click", (event) => {
    if (event.pointerType !== "mouse") press(seat, !isSet(seat));
    go(seat);
  });
  seat.addEventListener("keydown", (event) => {
    const next = STEPS[event.key] && seatTowards(seat, STEPS[event.key]);
    if (event.key === " " || event.key === "Enter") press(seat, !isSet(seat));
    else if (next) go(next);
    else if (!STEPS[event.key]) return;
    event.preventDefault();
  });
}
addEventListener("pointerup", () => { painting = null; });
form.addEventListener("change", draw);
fieldOf("distance").addEventListener("input", draw);
document.getElementById("tools").hidden = false;
document.getElementById("keys").hidden = false;
const told = document.getElementById("told").textContent;
draw();
document.getElementById("told").textContent = told;
