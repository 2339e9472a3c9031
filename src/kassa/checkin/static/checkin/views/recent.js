/* What this phone has scanned: conflicts first, then the last scans, with their undo. */

import { Refusal } from "../api.js";
import { button, el, icon, replaceChildren } from "../elements.js";
import { allConflicts, markConflictsSeen, openConflicts, recentScans } from "../history.js";
import { spaced } from "../qr.js";
import { undo } from "../scan.js";
import { clockText, has, t } from "../words.js";
import { lookOf, previousText, reasonOf, wordOf } from "./result.js";

const SHOWN = 50;

function fact(label, text) {
  return text && el("div", {}, el("dt", { text: label }), el("dd", { text }));
}

function whyOf(conflict) {
  if (conflict.what === "undo") return `${t("conflict_undo")} ${t("undo_late")}`;
  return has(`result_${conflict.result}`) ? t(`result_${conflict.result}`) : conflict.detail || conflict.result;
}

function conflictCard(conflict, redraw) {
  const what = t(conflict.kind === "exit" ? "previous_exit" : "previous_entry");
  const here = [`${what} ${clockText(conflict.at, true)}`, conflict.gate, t("previous_own")].filter(Boolean).join(", ");
  return el("li", { class: conflict.seen ? "conflict seen" : "conflict" },
    el("p", { class: "who", dir: "auto", text: conflict.name || t("unnamed") }),
    conflict.code && el("p", { class: "papers", text: spaced(conflict.code) }),
    el("dl", {},
      fact(t("conflict_why"), whyOf(conflict)),
      fact(t("conflict_there"), previousText(conflict.previous)),
      fact(t("conflict_here"), here)),
    conflict.seen
      ? el("p", { class: "state", text: t("state_seen") })
      : button(t("conflict_done"), async () => { await markConflictsSeen([conflict.id]); redraw(); }));
}

export async function undoScan(line, { notify }) {
  try {
    await undo(line);
    notify(`${t("undone")}: ${line.name || spaced(line.code)}`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    notify(error.code === "not_last_scan" ? t("undo_late") : t("failed", { why: error.message }));
  }
}

function scanRow(line, context) {
  const canUndo = line.accepted && !line.undone && line.state !== "conflict";
  const marks = [
    line.undone && t("undone"),
    line.state === "waiting" && t("state_waiting"),
    line.state === "conflict" && t("state_conflict"),
  ].filter(Boolean);
  return el("li", { class: `found ${lookOf(line)}` },
    el("div", {},
      el("p", { class: "outcome" }, el("strong", { text: wordOf(line) }), ` ${clockText(line.at, true)}`),
      el("p", { class: "who", dir: "auto", text: line.name || (line.code ? spaced(line.code) : t("unnamed")) }),
      !line.accepted && el("p", { text: reasonOf(line) }),
      marks.length > 0 && el("p", { class: "state", text: marks.join(" · ") })),
    canUndo && button(t("undo"), () => undoScan(line, context), { "aria-label": `${t("undo")}: ${line.name || line.code}` }));
}

export function recentView(root, context) {
  let drawn = "";
  function draw() {
    const lines = recentScans().slice(0, SHOWN);
    const conflicts = allConflicts();
    const wanted = JSON.stringify([lines, conflicts]);
    if (wanted === drawn) return; // a button that is replaced under a finger does nothing
    drawn = wanted;
    replaceChildren(root, el("section", { class: "page" },
      conflicts.length > 0 && el("section", { "aria-labelledby": "conflicts" },
        el("h2", { id: "conflicts", class: "with-icon" }, icon("warning"), t("conflicts")),
        openConflicts().length > 0 && el("p", { class: "lead", text: t("conflicts_text") }),
        el("ul", { class: "list" }, ...conflicts.map((each) => conflictCard(each, context.redraw)))),
      el("h1", { text: t("recent_title") }),
      lines.length
        ? el("ul", { class: "list" }, ...lines.map((line) => scanRow(line, context)))
        : el("p", { class: "lead", text: t("recent_none") })));
  }
  draw();
  context.onChange(draw);
  return null;
}
