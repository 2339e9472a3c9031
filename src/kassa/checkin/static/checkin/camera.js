/* The camera: pictures in, codes out. A code that stays before it counts once. */

import { createDecoder } from "./decoder.js";

const PAUSE = 60;
/* So long pictures have to come without a code before it counts again; a phone that stumbles does not. */
const AWAY = 2500;

/* So many pictures in a row that cannot be looked at, and the reader is taken for broken. */
const HOPELESS = 15;

const WANTED = {
  audio: false,
  video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
};

/* Why there is no picture: the name of a text. */
export class NoCamera extends Error {}

async function openStream() {
  if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) throw new NoCamera("camera_missing");
  try {
    return await navigator.mediaDevices.getUserMedia(WANTED);
  } catch (error) {
    if (error.name === "NotAllowedError" || error.name === "SecurityError") throw new NoCamera("camera_refused");
    if (error.name === "NotReadableError") throw new NoCamera("camera_busy");
    throw new NoCamera("camera_missing");
  }
}

/* Show the camera in a video element and call `onCode` for each code that comes; `onUseless` is told once if this
   browser cannot read any. Raises NoCamera. */
export async function startCamera(video, onCode, onUseless) {
  const stream = await openStream();
  const track = stream.getVideoTracks()[0];
  const decoder = await createDecoder().catch(() => {
    stream.getTracks().forEach((each) => each.stop());
    throw new NoCamera("camera_useless");
  });
  video.srcObject = stream;
  video.muted = true;
  video.setAttribute("playsinline", "");
  await video.play().catch(() => undefined);
  const seen = { text: null, missingSince: null };
  let isStopped = false;
  let failures = 0;

  async function look() {
    if (isStopped) return;
    try {
      if (video.readyState >= 2 && video.videoWidth) {
        noteCode(await decoder.decode(video));
        failures = 0;
      }
    } catch {
      failures += 1; // a picture that cannot be looked at is followed by another
      if (failures === HOPELESS && onUseless) onUseless();
    }
    if (!isStopped) setTimeout(look, PAUSE);
  }

  function noteCode(text) {
    if (isStopped) return;
    const now = Date.now();
    if (text !== seen.text && seen.missingSince === null) seen.missingSince = now;
    if (!text) return;
    const isHeld = text === seen.text && (seen.missingSince === null || now - seen.missingSince < AWAY);
    // Whoever does not want it now is asked again with the next picture.
    if (isHeld || onCode(text)) Object.assign(seen, { text, missingSince: null });
  }

  look();
  return {
    decoder: decoder.name,
    hasTorch: Boolean(track.getCapabilities && track.getCapabilities().torch),
    setTorch: (on) => track.applyConstraints({ advanced: [{ torch: on }] }),
    stop() {
      isStopped = true;
      stream.getTracks().forEach((each) => each.stop());
      video.srcObject = null;
    },
  };
}
