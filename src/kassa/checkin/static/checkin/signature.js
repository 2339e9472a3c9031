/* Checking Ed25519 signatures: by the browser itself where it can, else by a library. */

import { verifyAsync } from "./vendor/noble-ed25519/index.js";

const PURPOSE = new TextEncoder().encode("kassa.ticket");
const imported = new Map();
let isNative = null;

async function nativeKey(publicKey, name) {
  if (!imported.has(name)) {
    imported.set(name, await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]));
  }
  return imported.get(name);
}

export function bytesOf(base64) {
  const text = atob(base64.replace(/-/g, "+").replace(/_/g, "/"));
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/* Return whether the key has signed the message. `way` forces "native" or "library", for tests and figures. */
export async function verify(message, signature, key, way) {
  const whole = new Uint8Array(PURPOSE.length + message.length);
  whole.set(PURPOSE);
  whole.set(message, PURPOSE.length);
  const publicKey = bytesOf(key);
  if (way !== "library" && isNative !== false) {
    try {
      const native = await nativeKey(publicKey, key);
      const isGood = await crypto.subtle.verify({ name: "Ed25519" }, native, signature, whole);
      isNative = true;
      return isGood;
    } catch (error) {
      if (way === "native") throw error;
      isNative = false; // most phones made before 2025
    }
  }
  try {
    // The strict rules of RFC 8032, as the server has them.
    return await verifyAsync(signature, whole, publicKey, { zip215: false });
  } catch {
    return false; // no point of the curve: certainly no signature
  }
}
