/* A bar for each minute, as an SVG that grows with the page, and the same as a table. */

import { el, svg } from "./elements.js";
import { clockText, numberText, t } from "./words.js";

const HEIGHT = 220;
const LEFT = 34;
const BOTTOM = 26;
const TOP = 12;

/* Return one entry for each of the last minutes, empty ones too. */
export function everyMinute(minutes, count, now) {
  const last = Math.floor(now / 60000);
  const known = new Map(minutes.map((each) => [Math.floor(Date.parse(each.at) / 60000), each]));
  const all = [];
  for (let minute = last - count + 1; minute <= last; minute += 1) {
    const found = known.get(minute) || { entries: 0, exits: 0, refused: 0 };
    all.push({ at: minute * 60000, entries: found.entries, exits: found.exits, refused: found.refused });
  }
  return all;
}

/* 2, 4, 6, 8, 10, 20, 40 …: the highest mark, not below the most, with a whole half. */
export function niceTop(most) {
  for (let step = 1; ; step *= 10) {
    const found = [2, 4, 6, 8, 10].find((factor) => step * factor >= most);
    if (found) return step * found;
  }
}

function bar(x, width, value, top, name) {
  const height = ((HEIGHT - TOP - BOTTOM) * value) / top;
  return value > 0 && svg("rect", { class: name, x, y: HEIGHT - BOTTOM - height, width, height, rx: Math.min(1.5, width / 2) });
}

function lineAt(value, top, wide) {
  const y = HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * value) / top;
  return [
    svg("line", { class: "grid", x1: LEFT, x2: wide, y1: y, y2: y }),
    svg("text", { class: "mark", x: LEFT - 6, y: y + 4, "text-anchor": "end", text: numberText(value) }),
  ];
}

/* `wide` is what the picture is drawn for: on a narrow screen its letters would become too small. */
export function chart(all, wide) {
  const most = Math.max(1, ...all.map((each) => each.entries + each.exits + each.refused));
  const top = niceTop(most);
  const step = (wide - LEFT) / all.length;
  const width = step * 0.72;
  const bars = all.flatMap((each, index) => {
    const x = LEFT + index * step + step * 0.14;
    const parts = [];
    let below = 0;
    ["entries", "exits", "refused"].forEach((name) => {
      const part = bar(x, width, each[name], top, name);
      if (!part) return;
      part.setAttribute("y", Number(part.getAttribute("y")) - below);
      below += Number(part.getAttribute("height"));
      parts.push(part);
    });
    return parts;
  });
  const marks = all.filter((each) => new Date(each.at).getMinutes() % (wide < 500 ? 20 : 10) === 0).map((each) => {
    const x = LEFT + (all.indexOf(each) + 0.5) * step;
    const isLast = x > wide - 20;
    return svg("text", {
      class: "mark", x: isLast ? wide : x, y: HEIGHT - 6, "text-anchor": isLast ? "end" : "middle", text: clockText(each.at),
    });
  });
  const sum = (name) => all.reduce((total, each) => total + each[name], 0);
  const label = t("live_chart", {
    entries: numberText(sum("entries")),
    exits: numberText(sum("exits")),
    most: numberText(Math.max(...all.map((each) => each.entries + each.exits))),
  });
  return svg("svg", { class: "chart", viewBox: `0 0 ${wide} ${HEIGHT}`, role: "img", "aria-label": label },
    ...[0, top / 2, top].flatMap((value) => lineAt(value, top, wide)), ...bars, ...marks);
}

export function minuteTable(all) {
  const busy = all.filter((each) => each.entries || each.exits || each.refused).reverse();
  return el("table", {},
    el("thead", {}, el("tr", {},
      el("th", { scope: "col", text: t("live_minute") }), ...["entries", "exits", "refused"].map(
        (name) => el("th", { scope: "col", class: "number", text: t(`live_${name}`) })))),
    el("tbody", {}, ...busy.map((each) => el("tr", {},
      el("th", { scope: "row", text: clockText(each.at) }),
      ...["entries", "exits", "refused"].map((name) => el("td", { class: "number", text: numberText(each[name]) }))))));
}
