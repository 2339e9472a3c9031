/* Finding somebody without a code, and letting them in by hand. */

import { el, button, replaceChildren } from "../elements.js";
import { search, typeName } from "../list.js";
import { presenceOfRow } from "../scan.js";
import { chosenKind } from "./door.js";
import { papers } from "./result.js";
import { numberText, t } from "../words.js";

function stateOf(row) {
  if (row.status !== "valid") return { text: t(`state_${row.status}`), tone: "bad" };
  if (row.blocked) return { text: t("state_blocked"), tone: "bad" };
  const presence = presenceOfRow(row);
  if (presence.inside) return { text: t("state_inside"), tone: "in" };
  if (presence.entries) return { text: t("state_used"), tone: "in" };
  return null;
}

function resultRow(row, judge) {
  const state = stateOf(row);
  const kind = chosenKind();
  const place = [typeName(row.ticketType), row.seat].filter(Boolean).join(" · ");
  return el("li", { class: "found" },
    el("div", {},
      el("p", { class: "who", dir: "auto", text: row.name || t("unnamed") }),
      place && el("p", { dir: "auto", text: place }),
      papers(row),
      state && el("p", { class: `state ${state.tone}`, text: state.text })),
    button(t(kind === "exit" ? "let_out" : "let_in"), () => judge(row.code, kind),
      { "aria-label": `${t(kind === "exit" ? "let_out" : "let_in")}: ${row.name || row.code}` }));
}

export function searchView(root, { judge, onChange }) {
  const field = el("input", {
    id: "search", type: "search", autocomplete: "off", autocapitalize: "words", spellcheck: "false", enterkeyhint: "search",
    oninput: () => draw(),
  });
  const summary = el("p", { class: "hint", role: "status", text: t("search_hint") });
  const results = el("ul", { class: "list" });

  function draw() {
    const query = field.value.trim();
    if (!query) {
      summary.textContent = t("search_hint");
      replaceChildren(results);
      return;
    }
    const { rows, isMore } = search(query);
    summary.textContent = rows.length ? t("search_found", { n: numberText(rows.length) }) : t("search_none");
    if (isMore) summary.textContent = t("search_more");
    replaceChildren(results, ...rows.map((row) => resultRow(row, judge)));
  }

  replaceChildren(root, el("section", { class: "page" },
    el("h1", { class: "visually-hidden", text: t("tab_search") }),
    el("form", { role: "search", onsubmit: (event) => { event.preventDefault(); field.blur(); } },
      el("label", { for: "search", text: t("search_label") }),
      field),
    summary,
    results));
  field.focus();
  onChange(draw);
  return null;
}
