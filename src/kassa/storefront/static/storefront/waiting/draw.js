// The draw, as src/kassa/waiting/domain/draw.py has it: a swap-or-not shuffle over SHA-256.
// SHA-256 is written out because browsers only lend theirs to pages that came encrypted.

const ROUNDS = 64;
const encoder = new TextEncoder();

/** Return the place in the line, from 1, of a number from 1 to `drawn`; `seed` is a Uint8Array. */
export function drawnRank(seed, number, drawn) {
  const { key, points } = roundsOf(seed, drawn);
  let place = number - 1;
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    const mirrored = (points[turn] - place + drawn) % drawn;
    const coin = sha256(joined(key, encoder.encode("c"), [turn], bigEndian(Math.max(place, mirrored))))[0] & 1;
    if (coin) place = mirrored;
  }
  return place + 1;
}

/** Return what is shown of a seed before the start. */
export function commitmentTo(seed) {
  return toHex(sha256(joined(encoder.encode("kassa.waiting:"), seed)));
}

let lastRounds = null;

function roundsOf(seed, drawn) {
  const name = `${toHex(seed)} ${drawn}`;
  if (lastRounds?.name !== name) {
    const key = sha256(joined(seed, bigEndian(drawn)));
    const points = Array.from({ length: ROUNDS }, (_, turn) => {
      const digest = sha256(joined(key, encoder.encode("p"), [turn]));
      let point = 0;
      for (let at = 0; at < 6; at += 1) point = point * 256 + digest[at];
      return point % drawn;
    });
    lastRounds = { name, key, points };
  }
  return lastRounds;
}

export function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bigEndian(number) {
  return [(number >>> 24) & 255, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];
}

function joined(...parts) {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

const { fractions, starts } = constants();

/** FIPS 180-4: the first 32 bits of the fractional parts of the cube and square roots of the first primes. */
function constants() {
  const primes = [];
  for (let candidate = 2; primes.length < 64; candidate += 1) {
    if (primes.every((prime) => candidate % prime)) primes.push(candidate);
  }
  const part = (value) => ((value - Math.floor(value)) * 2 ** 32) | 0;
  return {
    fractions: Int32Array.from(primes, (prime) => part(Math.cbrt(prime))),
    starts: Int32Array.from(primes.slice(0, 8), (prime) => part(Math.sqrt(prime))),
  };
}

export function sha256(message) {
  const length = ((message.length + 9 + 63) >> 6) << 6;
  const padded = new Uint8Array(length);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(length - 4, message.length * 8);
  const state = Int32Array.from(starts);
  const words = new Int32Array(64);
  for (let block = 0; block < length; block += 64) {
    for (let at = 0; at < 16; at += 1) words[at] = view.getInt32(block + at * 4);
    for (let at = 16; at < 64; at += 1) {
      const a = words[at - 15];
      const b = words[at - 2];
      const low = turned(a, 7) ^ turned(a, 18) ^ (a >>> 3);
      const high = turned(b, 17) ^ turned(b, 19) ^ (b >>> 10);
      words[at] = (words[at - 16] + low + words[at - 7] + high) | 0;
    }
    mix(state, words);
  }
  const digest = new Uint8Array(32);
  const out = new DataView(digest.buffer);
  state.forEach((word, at) => out.setInt32(at * 4, word));
  return digest;
}

function mix(state, words) {
  let [a, b, c, d, e, f, g, h] = state;
  for (let at = 0; at < 64; at += 1) {
    const high = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const first = (h + high + ((e & f) ^ (~e & g)) + fractions[at] + words[at]) | 0;
    const low = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
    const second = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((value, at) => {
    state[at] = (state[at] + value) | 0;
  });
}

function turned(value, bits) {
  return (value >>> bits) | (value << (32 - bits));
}
