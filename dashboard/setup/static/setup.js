// Setting a camera up: its picture, and what is measured in it, four times a second.

import { watchCamera } from "./camera.js";
import { draw, LIVE_HEADER, showLost } from "./live.js";
import { play, soundButton } from "./sound.js";

const PAUSE_MS = 250;
const PAUSE_WHEN_LOST_MS = 1500;
const PATIENCE_MS = 4000;
const address = document.querySelector("[data-live]").dataset.live;
const advice = () => document.querySelector(".setup-advice");
let { state, step } = advice().dataset;
let heardAt = performance.now();

function show(html) {
  draw(html);
  // Who stands before the camera cannot always read the screen: each step and the end are heard.
  const now = advice().dataset;
  if (now.state !== state && now.state === "admit") play("admit");
  else if (now.step !== step) play(now.state);
  ({ state, step } = now);
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
for (const image of document.querySelectorAll("img[data-keep]")) watchCamera(image);
ask();
