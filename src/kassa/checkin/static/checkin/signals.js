/* Sound and vibration: a door is loud and dim, and eyes are on the person. */

import { read, write } from "./database.js";

const SETTING = "isMuted";
/* Frequency in hertz, start and length in seconds. */
const TONES = {
  good: [[880, 0, 0.12], [1320, 0.12, 0.2]],
  out: [[1320, 0, 0.12], [880, 0.12, 0.2]],
  already: [[440, 0, 0.14], [440, 0.2, 0.14], [440, 0.4, 0.14]],
  bad: [[220, 0, 0.5]],
};
const SHAKES = { good: [80], out: [80], already: [120, 80, 120], bad: [400] };

let audio = null;
let isMuted = false;

export async function loadSignals() {
  isMuted = Boolean(await read("settings", SETTING));
}

export function soundIsOn() {
  return !isMuted;
}

export async function switchSound() {
  isMuted = !isMuted;
  await write("settings", isMuted, SETTING);
}

/* Browsers let a page make sounds only after it was touched. */
export function wakeSound() {
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!Context) return;
  if (!audio) audio = new Context();
  if (audio.state === "suspended") audio.resume().catch(() => undefined);
}

export function signal(kind) {
  if (navigator.vibrate) navigator.vibrate(SHAKES[kind]);
  if (isMuted || !audio || audio.state !== "running") return;
  TONES[kind].forEach(([frequency, start, length]) => {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const begin = audio.currentTime + start;
    tone.type = kind === "bad" ? "sawtooth" : "sine";
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, begin);
    volume.gain.exponentialRampToValueAtTime(0.4, begin + 0.01);
    volume.gain.exponentialRampToValueAtTime(0.0001, begin + length);
    tone.connect(volume);
    volume.connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + length + 0.02);
  });
}
