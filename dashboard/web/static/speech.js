// The one voice of screens: a chime, then the words, by the browser's voice or the server's clip.

const CHIME = [[659, 0, 0.5], [523, 0.42, 0.9]]; // frequency in Hz, start in s, length in s
const CHIME_MS = 1_500;
const LONGEST_MS = 20_000; // some browsers never tell that a sentence has ended
const CROWDED = 2; // with more calls than this in line only the first language is spoken
const SLOWLY = 0.9;

/**
 * A voice. `languages` are codes, the first one first; `tap` is the button that browsers want to be
 * pressed before they let a page sound, and `mute` tells that there is only the chime. `hasClips`:
 * the server has a voice for the first language. `ready` is called when the page can be heard.
 */
export function speaker({ languages, tap, mute, hasClips, ready }) {
  const context = new AudioContext();
  const synthesis = window.speechSynthesis;
  const line = [];
  let isSpeaking = false;
  let hushed = 0;
  let playing = null;
  let wasHeard = false;

  const voiceOf = (language) => (synthesis?.getVoices() ?? [])
    .filter((voice) => voice.lang.toLowerCase().split(/[-_]/)[0] === language)
    .sort((one, other) => other.localService - one.localService)[0];
  const isHeard = () => context.state === "running";
  const hasWords = () => hasClips || voiceOf(languages[0]) !== undefined;

  function look() {
    tap.hidden = isHeard();
    mute.hidden = !isHeard() || hasWords();
    if (isHeard() && !wasHeard) ready();
    wasHeard = isHeard();
  }

  async function speak(call) {
    const mine = hushed;
    chime(context);
    await pause(CHIME_MS);
    const spoken = line.length > CROWDED ? call.slice(0, 1) : call;
    for (const { language, text, clip } of spoken) {
      if (mine !== hushed) return;
      const voice = voiceOf(language);
      if (voice) await utter(voice, text);
      else if (clip) await sound(context, clip, (source) => { playing = source; });
    }
  }

  async function next() {
    if (isSpeaking || line.length === 0) return;
    isSpeaking = true;
    try {
      await speak(line.shift());
    } finally {
      isSpeaking = false;
    }
    next();
  }

  const wake = () => context.resume().then(look);
  tap.addEventListener("click", wake);
  document.addEventListener("pointerdown", wake);
  document.addEventListener("keydown", wake);
  context.addEventListener("statechange", look);
  synthesis?.addEventListener?.("voiceschanged", look);
  wake().catch(() => {});
  queueMicrotask(look); // a browser that is started as a kiosk is heard before anybody holds the voice

  return {
    isHeard,
    hasWords,
    /** Say no more of what was to be said. */
    hush() {
      hushed += 1;
      line.length = 0;
      playing?.stop();
      playing = null;
      synthesis?.cancel();
    },
    /** Say a call after those before it: its text in each language. */
    say(call) {
      line.push(call);
      next();
    },
  };
}

function chime(context) {
  for (const [frequency, start, length] of CHIME) {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    const begin = context.currentTime + start;
    tone.type = "sine";
    tone.frequency.value = frequency;
    loudness.gain.setValueAtTime(0, begin);
    loudness.gain.linearRampToValueAtTime(0.4, begin + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.001, begin + length);
    tone.connect(loudness).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + length + 0.02);
  }
}

function utter(voice, text) {
  const words = new SpeechSynthesisUtterance(text);
  words.voice = voice;
  words.lang = voice.lang;
  words.rate = SLOWLY;
  return new Promise((done) => {
    setTimeout(done, LONGEST_MS);
    words.addEventListener("end", done);
    words.addEventListener("error", done);
    window.speechSynthesis.speak(words);
  });
}

/** Plays a clip to its end; one that cannot be had is left out. */
async function sound(context, address, begun) {
  try {
    const answer = await fetch(address);
    if (!answer.ok) return;
    const source = context.createBufferSource();
    source.buffer = await context.decodeAudioData(await answer.arrayBuffer());
    source.connect(context.destination);
    await new Promise((done) => {
      setTimeout(done, LONGEST_MS);
      source.addEventListener("ended", done);
      source.start();
      begun(source);
    });
  } catch {
    // Away, or no sound: the screen shows it all the same.
  }
}

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });
