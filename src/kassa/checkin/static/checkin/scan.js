/* One scan from the code to the answer: by the server if it is quick enough, else by this phone. */

import { NoAnswer } from "./api.js";
import { callAsDevice, device } from "./device.js";
import { isReachable, setReachable } from "./connection.js";
import { decide, presenceOf } from "./decide.js";
import { keepLine, ownScanOf, remember } from "./history.js";
import { formerReason, list, noteAnswer, restorePresence, rowOfCode, rowOfTag, typeName } from "./list.js";
import { enqueue, pendingOf } from "./queue.js";
import { CODE_LENGTH, isCode, isQr, readQr, tidyCode } from "./qr.js";
import { readScanned, turnedCodes } from "./scanned_text.js";
import { verify } from "./signature.js";
import { noteCounts, syncNow } from "./sync.js";
import { language } from "./words.js";

/* Longer than this nobody waits at a door. */
const PATIENCE = 2500;
const LONGEST_CODE = 64;

export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const text = Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/* The time as the server has it: phones at a door are minutes off. */
function now() {
  return Date.now() - list().clockAhead;
}

/* Scan a QR text or a typed code; return the answer to show. Raises Refusal or Revoked. */
export async function scan(scanned, kind) {
  const text = readScanned(scanned);
  const request = {
    id: newId(),
    list: list().id,
    ticket: text,
    kind,
    gate: device().gate || undefined,
    scanned_at: new Date(now()).toISOString(),
  };
  if (!isQr(text) && text.length > LONGEST_CODE) return show(request, foreign(), false);
  if (isReachable()) {
    try {
      return await ask(request);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      setReachable(false);
      setTimeout(syncNow, 1000);
    }
  }
  return decideHere(request);
}

/* Any QR code but a ticket's: there is nothing to ask or to write down. */
function foreign() {
  return { result: "not_a_ticket", accepted: false, note: null, previous: null };
}

async function ask(request) {
  const before = knownPresence(request.ticket);
  const answer = await callAsDevice("POST", "/checkins", { body: request, timeout: PATIENCE, language: language() });
  noteCounts(request.list, answer.counts);
  const isNoted = await noteAnswer(answer);
  // Sold after the download: the sooner it is in the list, the sooner it is known without a network.
  if (!isNoted) syncNow();
  const shown = show(request, answer, true);
  const ticket = answer.ticket;
  if (ticket) {
    Object.assign(shown, { ticketId: ticket.id, code: ticket.code, name: ticket.name, seat: ticket.seat });
    shown.type = ticket.ticket_type.name;
    shown.order = ticket.order_number;
  }
  shown.before = before;
  remember(shown);
  await keepLine(shown);
  return shown;
}

function knownPresence(text) {
  const { row } = lookUp(text);
  return row ? { entries: row.entries, inside: row.inside, enteredAt: row.enteredAt } : null;
}

function lookUp(text) {
  const read = isQr(text) ? readQr(text) : null;
  if (isQr(text) && !read) return { isUnreadable: true, row: null, code: text };
  const codes = read ? [read.code] : [tidyCode(text)].concat(turnedCodes(text));
  const row = read ? rowOfTag(read.ticketTag) : rowOfCode(text) || codes.map(rowOfCode).find(Boolean) || null;
  return { read, row, code: row ? row.code : codes[0], former: codes.map(formerReason).find(Boolean) || null };
}

async function genuineness(read) {
  if (!read) return null;
  const key = list().keys.find((each) => each.key_id === read.keyId);
  if (!key) return "unknown_key";
  if (!(await verify(read.signed, read.signature, key.public_key))) return "no";
  return key.revoked ? "key_revoked" : "yes";
}

async function decideHere(request) {
  const { read, row, code, former, isUnreadable } = lookUp(request.ticket);
  const pending = pendingOf(code, list().area);
  const answer = isUnreadable
    ? { result: "unknown", accepted: false, note: null, previous: null }
    : decide({ read, genuine: await genuineness(read), row, former, list: list(), pending, kind: request.kind, now: now() });
  // The list knows when somebody came in, this phone also where.
  if (answer.previous && !answer.previous.gate) answer.previous = ownScanOf(code) || answer.previous;
  const shown = show(request, answer, false);
  // A forged code must not show whose ticket it pretends to be.
  if (row && ["forged", "unknown", "key_revoked", "wrong_event"].indexOf(answer.result) < 0) describe(shown, row);
  else if (answer.accepted) shown.code = code;
  shown.state = "waiting";
  const entry = Object.assign({ what: "scan", code, area: list().area, let_in: answer.accepted }, request);
  await enqueue(entry, shown);
  remember(shown);
  return shown;
}

function describe(shown, row) {
  Object.assign(shown, { ticketId: row.id, code: row.code, name: row.name, seat: row.seat, order: row.order });
  shown.type = typeName(row.ticketType);
}

/* What the screen and the history show of a scan. */
function show(request, answer, isOnline) {
  const typed = isQr(request.ticket) ? "" : tidyCode(request.ticket);
  // The check letter tells a slip of the finger from a ticket that does not exist.
  const isMistyped = answer.result === "unknown" && typed.length === CODE_LENGTH && !isCode(typed);
  return {
    id: request.id,
    at: request.scanned_at,
    list: request.list,
    gate: request.gate || "",
    kind: request.kind,
    result: isMistyped ? "mistyped" : answer.result,
    accepted: answer.accepted,
    note: answer.note || null,
    previous: answer.previous,
    isOnline,
    state: "sent",
    undone: false,
    code: "",
    name: "",
    seat: "",
    order: "",
    type: "",
  };
}

/* Take back an own scan. Raises Refusal if the server says no; without a network it is written down. */
export async function undo(line) {
  const request = { id: newId() };
  if (line.state !== "waiting" && isReachable()) {
    try {
      const answer = await callAsDevice("POST", `/checkins/${line.id}/undo`, { body: request, timeout: PATIENCE });
      noteCounts(line.list, answer.counts);
      line.undone = true;
      if (line.ticketId && line.before) await restorePresence(line.ticketId, line.before);
      await keepLine(line);
      return;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      setReachable(false);
    }
  }
  line.undone = true;
  if (line.state !== "waiting" && line.ticketId && line.before) await restorePresence(line.ticketId, line.before);
  line.state = "waiting";
  const entry = { what: "undo", id: request.id, undoes: line.id, list: line.list, kind: line.kind, code: line.code };
  await enqueue(Object.assign(entry, { at: new Date(now()).toISOString() }), line);
  syncNow();
}

/* Whether somebody in the list is in, as far as this phone knows. */
export function presenceOfRow(row) {
  return presenceOf(row, pendingOf(row.code, list().area));
}
