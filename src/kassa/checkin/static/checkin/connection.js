/* Whether Kassa answers at the moment. A gate must not wait for every scan to find out. */

let reachable = navigator.onLine !== false;
const listeners = [];

export function isReachable() {
  return reachable;
}

export function onConnectionChange(listener) {
  listeners.push(listener);
}

export function setReachable(value) {
  if (reachable === value) return;
  reachable = value;
  listeners.forEach((listener) => listener(value));
}
