/* The scanner: which view is shown, and what happens to a code wherever it comes from. */

import { Refusal, Revoked } from "./api.js";
import { onConnectionChange } from "./connection.js";
import { device, loadDevice, onDeviceChange } from "./device.js";
import { el, replaceChildren } from "./elements.js";
import { loadHistory } from "./history.js";
import { closeList, list, openList } from "./list.js";
import { loadQueue } from "./queue.js";
import { scan } from "./scan.js";
import { TABS, announce, drawShell, notify, offer } from "./shell.js";
import { loadSignals } from "./signals.js";
import { onSync, startSync, syncNow } from "./sync.js";
import { startLanguage, t } from "./words.js";
import { chooseView } from "./views/choose.js";
import { doorView } from "./views/door.js";
import { codeIn, enrolView } from "./views/enrol.js";
import { liveView } from "./views/live.js";
import { moreView } from "./views/more.js";
import { recentView, undoScan } from "./views/recent.js";
import { showResult } from "./views/result.js";
import { searchView } from "./views/search.js";

const VIEWS = { scan: doorView, search: searchView, recent: recentView, live: liveView, more: moreView };

const root = document.getElementById("app");
const overlay = document.getElementById("overlay");

let leave = null; // ends the view that is shown
let frame = null;
let changed = null; // brings the view up to date
let isChoosing = false;
let isBusy = false;
let shown = null; // the answer over the screen

function update() {
  if (frame) frame.update();
  if (changed) changed();
}

/* Take a code; return whether it is taken. One at a time, and not while a refusal is being read. */
function judge(text, kind) {
  if (isBusy || (shown && !shown.isFleeting)) return false;
  if (shown) shown.close();
  isBusy = true;
  document.body.classList.add("busy");
  answer(text, kind)
    .catch((error) => notify(t("failed", { why: error.message })))
    .finally(() => {
      isBusy = false;
      document.body.classList.remove("busy");
    });
  return true;
}

async function answer(text, kind) {
  let line;
  try {
    line = await scan(text, kind);
  } catch (error) {
    if (error instanceof Revoked) return;
    if (error instanceof Refusal) {
      notify(t("failed", { why: error.message }));
      return;
    }
    throw error;
  }
  shown = showResult(overlay, line, {
    announce,
    onclose: () => { shown = null; update(); },
    onundo: (given) => undoScan(given, { notify }).then(update),
  });
  update();
}

function chosenTab() {
  const name = window.location.hash.slice(1);
  return TABS.indexOf(name) >= 0 ? name : "scan";
}

/* A one-time code in the address is taken out of it at once: it does not belong in a history. */
function takeEnrolment() {
  if (window.location.hash.indexOf("#enrol=") !== 0) return null;
  const code = codeIn(window.location.hash);
  window.history.replaceState(null, "", window.location.pathname);
  return code;
}

function show(draw) {
  if (leave) leave();
  leave = null;
  changed = null;
  document.title = t("app");
  leave = draw();
  window.scrollTo(0, 0);
}

function drawTab() {
  const name = chosenTab();
  frame = drawShell(root, name);
  return VIEWS[name](frame.place, {
    judge,
    notify,
    redraw: render,
    restart: start,
    choose: () => { isChoosing = true; render(); },
    onChange: (work) => { changed = work; },
  });
}

function render(enrolment) {
  const code = typeof enrolment === "string" ? enrolment : null;
  frame = null;
  if (code || !device() || device().isRevoked) {
    show(() => enrolView(root, { code, redraw: () => render(), done: start }));
  } else if (isChoosing || !list()) {
    show(() => chooseView(root, {
      cancel: list() && (() => { isChoosing = false; render(); }),
      done: () => { isChoosing = false; render(); syncNow(); },
    }));
  } else {
    show(drawTab);
  }
}

async function start() {
  const code = takeEnrolment();
  await loadDevice();
  await loadQueue();
  await loadHistory();
  await loadSignals();
  closeList();
  const kept = device() ? await openList() : null;
  if (kept && device().listId !== kept.id) closeList();
  render(code);
  if (device()) syncNow();
}

async function startServiceWorker() {
  if (!navigator.serviceWorker) return;
  const hadOne = Boolean(navigator.serviceWorker.controller);
  let isTakingOver = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    // The first one takes over a page that is up to date; a later one only when it was asked to.
    if (isTakingOver) window.location.reload();
  });
  const registration = await navigator.serviceWorker.register("/checkin/sw.js", { scope: "/checkin/" });
  const ask = (worker) => offer(t("new_version"), t("reload"), () => {
    isTakingOver = true;
    worker.postMessage("take over");
  });
  if (registration.waiting && hadOne) ask(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker.addEventListener("statechange", () => {
      if (worker.state === "installed" && navigator.serviceWorker.controller) ask(worker);
    });
  });
}

/* Two pages would not know of each other's scans: a second one waits until the first is closed. */
function beAlone() {
  if (!navigator.locks) return Promise.resolve(); // as where there is no TLS
  const saySo = () => replaceChildren(root, el("p", { class: "problem", id: "elsewhere", text: t("open_elsewhere") }));
  const timer = setTimeout(saySo, 500);
  return new Promise((resolve) => {
    navigator.locks.request("kassa-checkin", () => {
      clearTimeout(timer);
      resolve();
      return new Promise(() => undefined); // held until the page is gone
    });
  });
}

function onHashChange() {
  if (window.location.hash.indexOf("#enrol=") === 0) {
    start();
    return;
  }
  if (shown) shown.close();
  render();
  if (frame) frame.place.focus({ preventScroll: true });
}

onConnectionChange(update);
onSync(update);
onDeviceChange((own) => { if (own.isRevoked) render(); });

startLanguage();
beAlone()
  .then(start)
  .then(() => {
    window.addEventListener("hashchange", onHashChange);
    startSync();
  })
  .catch((error) => replaceChildren(root, el("p", { class: "problem", text: t("failed", { why: error.message }) })));
startServiceWorker().catch(() => undefined);
