/* Catching up: sending what waits, then fetching what is new, again and again. */

import { NoAnswer, Refusal } from "./api.js";
import { callAsDevice, device } from "./device.js";
import { isReachable, setReachable } from "./connection.js";
import { list, localCounts, refreshList } from "./list.js";
import { answeredEntries, flush, forget, pendingCounts, waitingCount } from "./queue.js";

const FRESH = 20000;
/* Away: look often, so that a returning network is used at once. */
const AWAY = 5000;

let timer = null;
let running = null;
let isAskedAgain = false;
let counts = null; // { listId, entered, inside, total } as the server last said
const listeners = [];

export function onSync(listener) {
  listeners.push(listener);
}

function tell() {
  listeners.forEach((listener) => listener());
}

export function noteCounts(listId, given) {
  if (given) counts = Object.assign({ listId }, given);
}

/* What the server last counted, moved by what it has not heard of yet. */
export function currentCounts() {
  const meta = list();
  if (!meta) return { entered: 0, inside: 0, total: 0 };
  const base = counts && counts.listId === meta.id ? counts : localCounts();
  const waiting = pendingCounts(meta.id);
  return { entered: base.entered + waiting.entered, inside: base.inside + waiting.inside, total: base.total };
}

async function catchUp() {
  await flush();
  const meta = list();
  if (!meta) return;
  const answered = answeredEntries();
  await refreshList();
  const answer = await callAsDevice("GET", `/checkin-lists/${meta.id}/counts?minutes=1`);
  noteCounts(meta.id, answer);
  if (answered.length) await forget(answered);
}

/* Catch up now; whoever asks during a round gets another right after it. Never raises: a later one tries again. */
export function syncNow() {
  if (running) {
    isAskedAgain = true;
    return running;
  }
  running = round().finally(() => {
    running = null;
    if (isAskedAgain) syncNow();
  });
  return running;
}

async function round() {
  clearTimeout(timer);
  isAskedAgain = false;
  const own = device();
  if (own && !own.isRevoked) {
    try {
      if (list() || waitingCount()) await catchUp();
      else await callAsDevice("GET", "/checkin-lists?limit=1");
      setReachable(true);
    } catch (error) {
      if (error instanceof NoAnswer) setReachable(false);
      else if (error instanceof Refusal) setReachable(true);
      else throw error;
    } finally {
      tell();
    }
  }
  timer = setTimeout(syncNow, isReachable() ? FRESH : AWAY);
}

export function startSync() {
  window.addEventListener("online", syncNow);
  window.addEventListener("offline", () => { setReachable(false); tell(); });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") syncNow();
  });
  syncNow();
}
