/* What the server has not heard of. A scan is on the disk before anybody is let in, and stays there until the
   server has answered for it under the same id, and until the list that was fetched after that tells of it. */

import { change, readAll } from "./database.js";
import { callAsDevice, device } from "./device.js";
import { NoAnswer, Refusal, Revoked } from "./api.js";
import { concern, settleHistory } from "./history.js";

const BATCH = 200;

let waiting = [];
let answered = []; // by the server; the list on this phone does not say so yet
let sending = null;

export async function loadQueue() {
  const all = await readAll("queue");
  waiting = all.filter((entry) => !entry.isAnswered);
  answered = all.filter((entry) => entry.isAnswered);
}

export function waitingCount() {
  return waiting.length;
}

function untold() {
  return answered.concat(waiting);
}

/* Own scans of one ticket that count here already: those of every list that shares who is inside. */
export function pendingOf(code, area) {
  const undone = untold().filter((entry) => entry.what === "undo").map((entry) => entry.undoes);
  return untold().filter(
    (entry) => entry.what === "scan" && entry.code === code && entry.area === area && undone.indexOf(entry.id) < 0,
  );
}

/* How far the queue moves the counts that the server has given. */
export function pendingCounts(listId) {
  const counts = { entered: 0, inside: 0 };
  untold().forEach((scan) => {
    if (scan.what !== "scan" || !scan.let_in || scan.list !== listId) return;
    counts.inside += scan.kind === "entry" ? 1 : -1;
    if (scan.kind === "entry") counts.entered += 1;
  });
  untold().forEach((entry) => {
    if (entry.what !== "undo" || entry.list !== listId) return;
    counts.inside -= entry.kind === "entry" ? 1 : -1;
    if (entry.kind === "entry") counts.entered -= 1;
  });
  return counts;
}

/* Write down what has to be told, and its line in the history, in one go. Resolves once both are on the disk. */
export async function enqueue(entry, line) {
  const whole = Object.assign({ organization: device().organization.id }, entry);
  whole.order = await change(["queue", "history"], (queue, history) => {
    history.put(line);
    return queue.add(whole);
  });
  waiting.push(whole);
}

function ready() {
  const own = device().organization.id;
  return waiting.filter((entry) => entry.organization === own);
}

/* Send everything that waits, oldest first. Raises NoAnswer or Revoked; what was not answered stays. */
export function flush() {
  if (!sending) {
    sending = sendAll().finally(() => { sending = null; });
  }
  return sending;
}

async function sendAll() {
  let sent = 0;
  for (let entries = ready(); entries.length; entries = ready()) {
    const firstUndo = entries.findIndex((entry) => entry.what === "undo");
    if (firstUndo === 0) {
      await sendUndo(entries[0]);
      sent += 1;
    } else {
      const scans = entries.slice(0, firstUndo < 0 ? BATCH : Math.min(BATCH, firstUndo));
      await sendScans(scans);
      sent += scans.length;
    }
  }
  return sent;
}

async function sendScans(scans) {
  const body = {
    scans: scans.map((scan) => ({
      id: scan.id,
      list: scan.list,
      ticket: scan.ticket,
      kind: scan.kind,
      gate: scan.gate || undefined,
      scanned_at: scan.scanned_at,
      let_in: scan.let_in,
    })),
  };
  let answer;
  try {
    answer = await callAsDevice("POST", "/checkins/batch", { body, timeout: 30000 });
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof Revoked || !(error instanceof Refusal)) throw error;
    // One that the server cannot read must not hold up the others.
    if (scans.length === 1) return settle(scans, [null], error);
    for (const scan of scans) await sendScans([scan]);
    return undefined;
  }
  return settle(scans, answer.results, null);
}

async function sendUndo(undo) {
  let refusal = null;
  try {
    await callAsDevice("POST", `/checkins/${undo.undoes}/undo`, { body: { id: undo.id } });
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof Revoked || !(error instanceof Refusal)) throw error;
    refusal = error;
  }
  await settle([undo], [null], refusal);
}

/* Mark what was answered; whatever has to be looked at is kept in the same go. */
async function settle(entries, results, refusal) {
  const concerns = [];
  const settled = [];
  entries.forEach((entry, index) => {
    const result = results[index];
    const isConflict = Boolean(refusal) || Boolean(result && (result.conflict || (result.error && entry.let_in)));
    if (isConflict) concerns.push(concern(entry, result, refusal));
    settled.push({ entry, result, isConflict });
  });
  const lines = settleHistory(settled);
  await change(["queue", "history", "conflicts"], (queue, history, conflicts) => {
    entries.forEach((entry) => queue.put(Object.assign({}, entry, { isAnswered: true })));
    lines.forEach((line) => history.put(line));
    concerns.forEach((each) => conflicts.put(each));
  });
  const gone = entries.map((entry) => entry.order);
  waiting = waiting.filter((entry) => gone.indexOf(entry.order) < 0);
  answered = answered.concat(entries);
}

export function answeredEntries() {
  return answered;
}

/* Let go of what was answered before the list was fetched that is here now: it tells of it. */
export async function forget(entries) {
  await change(["queue"], (queue) => { entries.forEach((entry) => queue.delete(entry.order)); });
  const gone = entries.map((entry) => entry.order);
  answered = answered.filter((entry) => gone.indexOf(entry.order) < 0);
}

/* Everything that waits, as a file for the organiser: the last resort when a device was revoked for good. */
export function exportQueue() {
  return JSON.stringify({ device: device().device, organization: device().organization, waiting }, null, 2);
}
