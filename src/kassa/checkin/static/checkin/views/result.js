/* The answer, over the whole screen: a colour, a sign and a word, so that none of them has to be enough. */

import { el } from "../elements.js";
import { spaced } from "../qr.js";
import { isTyped } from "../scanned_text.js";
import { signal } from "../signals.js";
import { clockText, has, t } from "../words.js";

const SHOWN_FOR = 1800;

const LOOKS = {
  good: { sign: "✓", word: "word_admitted" },
  out: { sign: "↗", word: "word_exit" },
  already: { sign: "!", word: "word_already" },
  bad: { sign: "✕", word: "word_refused" },
};

/* good, out, already or bad. */
export function lookOf(line) {
  if (line.accepted) return line.kind === "exit" ? "out" : "good";
  return line.result === "already_used" ? "already" : "bad";
}

export function wordOf(line) {
  return t(LOOKS[lookOf(line)].word);
}

export function reasonOf(line) {
  if (line.accepted) return line.note ? t(`note_${line.note}`) : "";
  return t(has(`result_${line.result}`) ? `result_${line.result}` : "result_other");
}

/* "Came in 20:03:12, North, by Front door 2" */
export function previousText(previous) {
  if (!previous) return "";
  const what = t(previous.kind === "exit" ? "previous_exit" : "previous_entry");
  const who = previous.isOwn ? t("previous_own") : previous.by ? t("previous_by", { by: previous.by }) : "";
  return [`${what} ${clockText(previous.at, true)}`, previous.gate, who].filter(Boolean).join(", ");
}

/* The code and the order number; each stays in one piece. */
export function papers({ code, order }) {
  const parts = [code && spaced(code), order].filter(Boolean).map((text) => el("span", { text }));
  return parts.length > 0 && el("p", { class: "papers" }, ...parts);
}

function about(line) {
  const place = [line.type, line.seat].filter(Boolean).join(" · ");
  return el("div", { class: "about" },
    line.name && el("p", { class: "who", dir: "auto", text: line.name }),
    place && el("p", { class: "where", dir: "auto", text: place }),
    papers(line));
}

/* Show a scan's answer. `onclose` is told when it goes; `onundo` makes the undo button appear. */
export function showResult(root, line, { onclose, onundo, announce }) {
  const look = lookOf(line);
  const back = document.activeElement;
  const next = el("button", { type: "button", class: "next", text: t("next") });
  const undo = line.accepted && onundo && el("button", { type: "button", class: "plain", text: t("undo") });
  const card = el("div", { class: `result ${look}`, role: "alertdialog", "aria-labelledby": "result-word", "aria-describedby": "result-why" },
    el("div", { class: "sign", "aria-hidden": "true", text: LOOKS[look].sign }),
    el("h1", { id: "result-word", text: wordOf(line) }),
    el("div", { id: "result-why" },
      el("p", { class: "why", text: reasonOf(line) }),
      line.previous && el("p", { class: "previous", text: previousText(line.previous) })),
    about(line),
    !line.isOnline && line.result !== "not_a_ticket" && el("p", { class: "here", text: t("decided_here") }),
    el("div", { class: "actions" }, next, undo));
  let timer = null;

  function close() {
    if (!card.isConnected) return;
    clearTimeout(timer);
    document.removeEventListener("keydown", onKey);
    card.remove();
    if (back && back.isConnected) back.focus({ preventScroll: true });
    onclose();
  }

  function onKey(event) {
    // The next code from a hand scanner goes into the field, as the camera's puts the answer away.
    if (event.key === "Escape" || (line.accepted && isTyped(event))) close();
  }

  card.addEventListener("click", (event) => { if (event.target !== undo) close(); });
  document.addEventListener("keydown", onKey);
  if (undo) undo.addEventListener("click", () => { close(); onundo(line); });
  root.append(card);
  next.focus({ preventScroll: true });
  signal(look);
  announce([wordOf(line), line.name, reasonOf(line), previousText(line.previous)].filter(Boolean).join(". "));
  if (line.accepted) timer = setTimeout(close, line.note ? SHOWN_FOR * 2 : SHOWN_FOR);
  return { close, isFleeting: line.accepted };
}
