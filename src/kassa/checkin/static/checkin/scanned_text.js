/* What a hand scanner types, read as it is meant. The twin of the server's `admission/domain/scanned_text.py`; one table
   of cases holds both together. */

import { isCode, isQr, tidyCode } from "./qr.js";

const GERMAN = ["YZyz\u00d6\u00f6(`\u00df?-", "ZYzy::*+--/"];
const FRENCH = ["AQZWaqzw?M&\u00e9\"'(-\u00e8_\u00e7\u00e0458):!,", "QAWZqawzM:1234567890$%*-./M"];

function translated(text, [from, to]) {
  return Array.from(text, (letter) => (from.indexOf(letter) < 0 ? letter : to[from.indexOf(letter)])).join("");
}

/* What German and French keyboards made of keys that were meant as American ones, turned back. On German ones a grave
   accent waits for the next letter and joins it. */
function turnedBack(plain) {
  const parted = plain.normalize("NFD").replace(/(.)\u0300/g, "`$1").normalize("NFC");
  return [translated(parted, GERMAN).toUpperCase(), translated(plain, FRENCH).toUpperCase()];
}

/* Return a QR code's text letter by letter, or a code as it was typed. */
export function readScanned(text) {
  const plain = text.replace(/[\u200b-\u200f\u2060\ufeff]/g, "").normalize("NFKC").trim()
    .replace(/^(?:\][A-Za-z][0-9A-Za-z])?[\s\u0000-\u001f]*/, "").replace(/[\u2010-\u2015\u2212]/g, "-");
  if (isQr(plain.toUpperCase())) return plain.toUpperCase();
  return turnedBack(plain).find(isQr) || plain;
}

/* Return the codes that a text is if its keyboard was another one; their check letters say that they are. */
export function turnedCodes(plain) {
  return Array.from(new Set(turnedBack(plain).map(tidyCode).filter(isCode)));
}

/* Return whether a key puts a letter into a field. */
export function isTyped(event) {
  return event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
}
