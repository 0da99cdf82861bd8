// Five short signals and a call, told apart by rhythm and direction, not by loudness alone.

const EARCONS = {
  // [frequency in Hz, start in s, length in s, wave]
  admit: [[523, 0, 0.14, "sine"], [784, 0.13, 0.3, "sine"]],
  fix: [[660, 0, 0.09, "triangle"], [660, 0.17, 0.09, "triangle"], [660, 0.34, 0.09, "triangle"]],
  wait: [[440, 0, 0.3, "sine"], [392, 0.34, 0.45, "sine"]],
  refer: [[587, 0, 0.2, "triangle"], [880, 0.22, 0.2, "triangle"], [587, 0.44, 0.32, "triangle"]],
  deny: [[196, 0, 0.22, "square"], [147, 0.26, 0.4, "square"]],
  call: [[659, 0, 0.5, "sine"], [523, 0.42, 0.9, "sine"], [659, 1.6, 0.5, "sine"], [523, 2.02, 0.9, "sine"]],
};
const WANTED = "gerbang.sound";
let context = null;

function isOn() {
  return context !== null && context.state === "running" && localStorage.getItem(WANTED) !== "off";
}

/** Play the signal of a state; silent until somebody has tapped the page. */
export function play(state) {
  const notes = EARCONS[state];
  if (!notes || !isOn()) return;
  for (const [frequency, start, length, wave] of notes) {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    const begin = context.currentTime + start;
    const peak = wave === "square" ? 0.12 : 0.35;
    tone.type = wave;
    tone.frequency.value = frequency;
    loudness.gain.setValueAtTime(0, begin);
    loudness.gain.linearRampToValueAtTime(peak, begin + 0.015);
    loudness.gain.exponentialRampToValueAtTime(0.001, begin + length);
    tone.connect(loudness).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + length + 0.02);
  }
}

async function wake() {
  context ??= new AudioContext();
  if (context.state === "suspended") await context.resume();
}

/** Make `button` show and switch the sound; browsers stay mute until the first tap. */
export function soundButton(button) {
  const show = () => {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(isOn()));
    button.querySelector("span").textContent = isOn() ? button.dataset.on : button.dataset.off;
    button.title = isOn() ? button.dataset.on : button.dataset.off;
  };
  button.addEventListener("click", async () => {
    const switchOff = isOn();
    localStorage.setItem(WANTED, switchOff ? "off" : "on");
    await wake();
    show();
    if (!switchOff) play("admit");
  });
  document.addEventListener("pointerdown", async (event) => {
    if (button.contains(event.target) || localStorage.getItem(WANTED) !== "on") return;
    await wake();
    show();
  });
  show();
}
