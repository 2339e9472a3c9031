/* Reading what a ticket's QR code says, and tidying what somebody types. The twin of the server's
   `tickets/domain/qr.py` and `orders/domain/codes.py`: whatever is not exactly as written there is nothing. */

const PREFIX = "KASSA:";
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
export const CODE_LENGTH = 12;
const FORMER_LENGTH = 16;
const HEAD = 25; // version, key id, event tag, ticket tag, ticket type tag
const SIGNATURE = 64;

export function hex(bytes) {
  let text = "";
  for (let index = 0; index < bytes.length; index += 1) {
    text += (bytes[index] < 16 ? "0" : "") + bytes[index].toString(16);
  }
  return text;
}

/* Base 45, RFC 9285: three letters for two bytes. Only what an encoder writes is read. */
export function base45Bytes(text) {
  const values = Array.from(text, (letter) => LETTERS.indexOf(letter));
  if (values.indexOf(-1) >= 0 || values.length % 3 === 1) return null;
  const whole = Math.floor(values.length / 3);
  const bytes = new Uint8Array(whole * 2 + (values.length % 3 ? 1 : 0));
  for (let place = 0; place < whole; place += 1) {
    const number = values[place * 3] + 45 * values[place * 3 + 1] + 2025 * values[place * 3 + 2];
    if (number > 0xffff) return null;
    bytes[place * 2] = number >> 8;
    bytes[place * 2 + 1] = number & 0xff;
  }
  if (values.length % 3) {
    const number = values[whole * 3] + 45 * values[whole * 3 + 1];
    if (number > 0xff) return null;
    bytes[whole * 2] = number;
  }
  return bytes;
}

function packedCode(bytes) {
  if (bytes[0] >> 4 !== 0) return null;
  let code = "";
  let value = 0;
  let bits = -4; // the four leading zeros
  for (let index = 0; index < bytes.length; index += 1) {
    value = ((value << 8) | bytes[index]) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      code += CODE_ALPHABET[(value >> bits) & 31];
    }
  }
  return code;
}

function writtenCode(bytes) {
  if (bytes.length < 2 || bytes[0] !== bytes.length - 1) return null;
  try {
    const code = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(1));
    return isPackable(code) ? null : code;
  } catch {
    return null;
  }
}

/* Return what a QR code says, unchecked; null if it is none of Kassa's. */
export function readQr(text) {
  if (text.slice(0, PREFIX.length) !== PREFIX) return null;
  const bytes = base45Bytes(text.slice(PREFIX.length));
  if (!bytes || bytes.length < HEAD + SIGNATURE + 1) return null;
  const signedLength = bytes.length - SIGNATURE;
  const body = bytes.subarray(HEAD, signedLength);
  let code = null;
  if (bytes[0] === 1 && body.length === 8) code = packedCode(body);
  if (bytes[0] === 2) code = writtenCode(body);
  if (code === null) return null;
  return {
    keyId: hex(bytes.subarray(1, 5)),
    eventTag: hex(bytes.subarray(5, 13)),
    ticketTag: hex(bytes.subarray(13, 21)),
    typeTag: hex(bytes.subarray(21, 25)),
    code,
    signed: bytes.subarray(0, signedLength),
    signature: bytes.subarray(signedLength),
  };
}

/* Return whether a text looks as if a QR code of Kassa was meant. */
export function isQr(text) {
  return text.slice(0, PREFIX.length) === PREFIX;
}

export function tidyCode(text) {
  return text.toUpperCase().replace(/[\s\u200b\u2010-\u2015\u2212-]/g, "");
}

function isPackable(code) {
  return code.length === CODE_LENGTH && hasOnlyOurLetters(code);
}

function hasOnlyOurLetters(code) {
  return Array.from(code).every((letter) => CODE_ALPHABET.indexOf(letter) >= 0);
}

/* Return whether a code can be right: its last letter makes the weighted sum of all zero. */
export function isCode(code) {
  if (!isPackable(code)) return false;
  let rest = 0;
  Array.from(code).forEach((letter) => {
    const sum = rest ^ CODE_ALPHABET.indexOf(letter);
    rest = ((sum << 1) ^ (sum & 16 ? 37 : 0)) & 31; // times two, modulo x^5 + x^2 + 1
  });
  return rest === 0;
}

/* K7QM4TWX9PRA is read aloud as K7QM-4TWX-9PRA. */
export function spaced(code) {
  const isOurs = (code.length === CODE_LENGTH || code.length === FORMER_LENGTH) && hasOnlyOurLetters(code);
  return isOurs ? code.replace(/(.{4})(?=.)/g, "$1-") : code;
}

/* The last bytes of a UUID, as a QR code carries them. */
export function tagOf(id, letters) {
  return id.replace(/-/g, "").slice(-letters).toLowerCase();
}
