/* Who this phone is at the door: its key, its list and its gate. All of it outlives a restart. */

import { ALL_STORES, empty, read, write } from "./database.js";
import { call, Revoked } from "./api.js";

const SETTING = "device";

/* key, device, organization, listId, gate; isRevoked says that the key was refused. Null: not enrolled. */
let current = null;
const listeners = [];

export function device() {
  return current;
}

export function onDeviceChange(listener) {
  listeners.push(listener);
}

export async function loadDevice() {
  current = (await read("settings", SETTING)) || null;
  return current;
}

export async function changeDevice(fields) {
  current = Object.assign({}, current, fields);
  await write("settings", current, SETTING);
  listeners.forEach((listener) => listener(current));
}

/* Take a one-time code for a key. Scans that wait from before stay: they belong to the same organisation. */
export async function enrol(code, { waiting }) {
  const answer = await call("POST", "/checkin-devices/enrol", { body: { code } });
  const before = current;
  const isSame = before && before.organization.id === answer.organization.id;
  if (!isSame && !waiting) await empty(...ALL_STORES.filter((name) => name !== "settings"));
  await changeDevice({
    key: answer.api_key,
    device: answer.device,
    organization: answer.organization,
    listId: isSame ? before.listId : null,
    gate: answer.device.gate || (isSame ? before.gate : "") || "",
    isRevoked: false,
  });
  // Ask the browser not to clear this away when the phone runs short of space.
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => false);
}

export async function forgetDevice() {
  await empty(...ALL_STORES);
  current = null;
}

/* Call as this device; a refused key is remembered. */
export async function callAsDevice(method, path, options) {
  try {
    return await call(method, path, Object.assign({ key: current.key }, options));
  } catch (error) {
    if (error instanceof Revoked && !current.isRevoked) await changeDevice({ isRevoked: true });
    throw error;
  }
}
