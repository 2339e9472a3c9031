/* How the doors are doing, for whoever has to decide where help is needed. */

import { NoAnswer, Refusal } from "../api.js";
import { callAsDevice } from "../device.js";
import { chart, everyMinute, minuteTable } from "../chart.js";
import { el, replaceChildren } from "../elements.js";
import { list } from "../list.js";
import { noteCounts } from "../sync.js";
import { clockText, numberText, t } from "../words.js";

const EVERY = 3000;
const MINUTES = 60;

let last = null; // the figures that were seen last, for when the network is away

function figure(label, value, tone) {
  return el("div", { class: tone || "" }, el("dt", { text: label }), el("dd", { text: numberText(value) }));
}

function gateTable(gates) {
  const head = ["gate", "entries", "exits", "refused", "last"];
  return el("table", {},
    el("thead", {}, el("tr", {}, ...head.map(
      (name, index) => el("th", { scope: "col", class: index ? "number" : "", text: t(`live_${name}`) })))),
    el("tbody", {}, ...gates.map((gate) => el("tr", {},
      el("th", { scope: "row", text: gate.gate || t("live_no_gate") }),
      ...["entries", "exits", "refused"].map((name) => el("td", { class: "number", text: numberText(gate[name]) })),
      el("td", { class: "number", text: gate.last_at ? clockText(gate.last_at) : "" })))));
}

export function liveView(root) {
  const away = el("p", { class: "notice", role: "status", hidden: true });
  const figures = el("dl", { class: "counter big" });
  const picture = el("div", { class: "chart-place" });
  const gates = el("div", { class: "scroll" });
  const table = el("div", { class: "scroll" });
  let timer = null;
  let isGone = false;

  function draw() {
    const { counts, at } = last;
    const all = everyMinute(counts.minutes, MINUTES, at);
    replaceChildren(figures,
      figure(t("inside"), counts.inside), figure(t("entered"), counts.entered), figure(t("total"), counts.total),
      figure(t("conflicts"), counts.conflicts, counts.conflicts ? "alarming" : ""));
    replaceChildren(picture, counts.minutes.length ? chart(all, window.innerWidth < 600 ? 360 : 720) : el("p", { class: "lead", text: t("live_quiet") }));
    replaceChildren(gates, gateTable(counts.gates));
    replaceChildren(table, minuteTable(all));
  }

  async function look() {
    const { id, clockAhead } = list();
    try {
      const counts = await callAsDevice("GET", `/checkin-lists/${id}/counts?minutes=${MINUTES}`);
      noteCounts(id, counts);
      last = { listId: id, counts, at: Date.now() - clockAhead };
      away.hidden = true;
    } catch (error) {
      if (!(error instanceof NoAnswer || error instanceof Refusal)) throw error;
      away.textContent = last ? t("live_away", { when: clockText(last.at) }) : t("not_reached");
      away.hidden = false;
    }
    if (isGone) return;
    if (last) draw();
    timer = setTimeout(look, EVERY);
  }

  if (last && last.listId !== list().id) last = null;
  replaceChildren(root, el("section", { class: "page wide-page" },
    el("h1", { text: list().event.title }),
    el("p", { class: "lead", text: list().name }),
    away,
    figures,
    el("div", { class: "halves" },
      el("section", { class: "card" },
        el("h2", { text: t("live_minutes") }),
        picture,
        el("p", { class: "legend", "aria-hidden": "true" }, ...["entries", "exits", "refused"].map(
          (name) => el("span", { class: name, text: t(`live_${name}`) }))),
        el("details", {}, el("summary", { text: t("live_table") }), table)),
      el("section", { class: "card" }, el("h2", { text: t("live_gates") }), gates))));
  if (last) draw();
  look();
  return () => {
    isGone = true;
    clearTimeout(timer);
  };
}
