// Setting a camera up: its picture, and what is measured in it, four times a second.

import { watchCamera } from "./camera.js";
import { draw, LIVE_HEADER, showLost } from "./live.js";
import { play, soundButton } from "./sound.js";

const PAUSE_MS = 250;
const PAUSE_WHEN_LOST_MS = 1500;
const PATIENCE_MS = 4000;
const address = `/gate/${document.querySelector("[data-gate]").dataset.gate}/camera/live`;
const advice = () => document.getElementById("camera-advice");
let state = advice().dataset.state;
let heardAt = performance.now();

function show(html) {
  draw(html);
  // Who stands before the camera cannot always read the screen: the end is heard.
  const now = advice().dataset.state;
  if (now !== state && now === "admit") play("admit");
  state = now;
}

async function ask() {
  let pause = PAUSE_MS;
  if (!document.hidden) {
    try {
      const answer = await fetch(address, { cache: "no-store", headers: LIVE_HEADER });
      if (answer.status === 401) location.reload();
      if (answer.ok) {
        show(await answer.text());
        heardAt = performance.now();
      } else {
        pause = PAUSE_WHEN_LOST_MS;
      }
    } catch {
      pause = PAUSE_WHEN_LOST_MS;
    }
    showLost(performance.now() - heardAt > PATIENCE_MS);
  } else {
    heardAt = performance.now();
  }
  setTimeout(ask, pause);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("#print")) print();
});
soundButton(document.getElementById("sound"));
watchCamera(document.getElementById("picture"));
ask();
