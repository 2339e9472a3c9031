/* Keeping the screen on while somebody stands at the door. */

let lock = null;
let isWanted = false;

async function take() {
  if (!isWanted || lock || !navigator.wakeLock || document.visibilityState !== "visible") return;
  try {
    lock = await navigator.wakeLock.request("screen");
    lock.addEventListener("release", () => { lock = null; });
  } catch {
    lock = null; // a low battery refuses it; the screen goes dark as usual
  }
}

export function keepAwake() {
  isWanted = true;
  take();
}

export function letSleep() {
  isWanted = false;
  if (lock) lock.release().catch(() => undefined);
}

document.addEventListener("visibilitychange", take);
