/* This phone's own scans, and those of them that somebody has to look at. */

import { change, readAll, write } from "./database.js";

const KEPT_HOURS = 48;

let lines = [];
let conflicts = [];

export async function loadHistory() {
  const oldest = new Date(Date.now() - KEPT_HOURS * 3600000).toISOString();
  const all = await readAll("history");
  const old = all.filter((line) => line.at < oldest && line.state !== "waiting");
  if (old.length) await change(["history"], (history) => { old.forEach((line) => history.delete(line.id)); });
  lines = all.filter((line) => old.indexOf(line) < 0).sort((one, other) => (one.at < other.at ? 1 : -1));
  conflicts = (await readAll("conflicts")).sort((one, other) => (one.at < other.at ? 1 : -1));
}

export function recentScans() {
  return lines;
}

export function ownEntries() {
  return lines.filter((line) => line.accepted && !line.undone && line.kind === "entry").length;
}

/* This phone's last scan that let the ticket through, as the scan before another; null if there is none. */
export function ownScanOf(code) {
  const line = lines.find((each) => each.code === code && each.accepted && !each.undone);
  return line ? { at: line.at, kind: line.kind, gate: line.gate, by: null, isOwn: true } : null;
}

export function openConflicts() {
  return conflicts.filter((each) => !each.seen);
}

export function allConflicts() {
  return conflicts;
}

/* Show a line at once; `enqueue` or `keepLine` puts it on the disk. */
export function remember(line) {
  lines = [line].concat(lines.filter((each) => each.id !== line.id));
}

export async function keepLine(line) {
  await write("history", line);
}

/* Describe a scan that let somebody through and should not have, with the scan that was there before it. */
export function concern(entry, result, refusal) {
  const line = lines.find((each) => each.id === (entry.undoes || entry.id)) || {};
  const made = {
    id: entry.id,
    what: entry.what,
    at: entry.scanned_at || entry.at,
    gate: entry.gate || "",
    kind: entry.kind,
    code: entry.code,
    name: (result && result.ticket && result.ticket.name) || line.name || "",
    result: refusal ? refusal.code : result.error || result.result,
    detail: refusal ? refusal.message : "",
    previous: result ? result.previous : null,
    seen: conflicts.some((each) => each.id === entry.id && each.seen), // told again, it needs no second look
  };
  conflicts = [made].concat(conflicts.filter((each) => each.id !== made.id));
  return made;
}

/* Bring the lines up to what the server has answered; return those that changed. */
export function settleHistory(answered) {
  const changed = [];
  answered.forEach(({ entry, result, isConflict }) => {
    const line = lines.find((each) => each.id === (entry.undoes || entry.id));
    if (!line) return;
    line.state = isConflict ? "conflict" : "sent";
    if (entry.what === "undo" && isConflict) line.undone = false;
    if (result && result.ticket) {
      line.ticketId = result.ticket.id;
      line.name = line.name || result.ticket.name;
      line.type = line.type || result.ticket.ticket_type.name;
    }
    changed.push(line);
  });
  return changed;
}

export async function markConflictsSeen(ids) {
  const seen = conflicts.filter((each) => ids.indexOf(each.id) >= 0);
  seen.forEach((each) => { each.seen = true; });
  await change(["conflicts"], (store) => { seen.forEach((each) => store.put(each)); });
}
