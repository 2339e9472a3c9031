/* What stands around every view: the head with the state of things, the tabs, and short messages. */

import { isReachable } from "./connection.js";
import { device } from "./device.js";
import { el, icon, replaceChildren } from "./elements.js";
import { openConflicts } from "./history.js";
import { list } from "./list.js";
import { waitingCount } from "./queue.js";
import { ageText, numberText, t } from "./words.js";

export const TABS = ["scan", "search", "recent", "live", "more"];
const NOTICE_FOR = 4000;

const announcer = document.getElementById("announce");
const notices = document.getElementById("notices");

/* Say something to those who do not see the screen. */
export function announce(text) {
  announcer.textContent = "";
  // A screen reader says the same words again only if they have been away.
  setTimeout(() => { announcer.textContent = text; }, 50);
}

/* Show something for a moment. */
export function notify(text) {
  const notice = el("p", { class: "toast", text });
  notices.append(notice);
  announce(text);
  setTimeout(() => notice.remove(), NOTICE_FOR);
}

/* Offer something that stays until it is used. */
export function offer(text, label, onclick) {
  replaceChildren(document.getElementById("offers"),
    el("p", { class: "toast" }, el("span", { text }), el("button", { type: "button", text: label, onclick })));
}

function head() {
  const gate = device().gate;
  const waits = waitingCount();
  const isOnline = isReachable();
  return el("header", { class: "head" },
    el("div", { class: "place" },
      el("strong", { dir: "auto", text: list().name }),
      el("span", { dir: "auto", text: [gate, list().event.title].filter(Boolean).join(" · ") })),
    el("div", { class: "standing", id: "standing" },
      el("span", { class: isOnline ? "pill good" : "pill warn", id: "connection", text: t(isOnline ? "online" : "offline") }),
      waits > 0 && el("span", { class: "pill warn", id: "waiting", text: t("waiting", { n: numberText(waits) }) }),
      el("span", { class: "age", text: t("data_age", { age: ageText(list().freshAt) }) })));
}

function badge() {
  const conflicts = openConflicts().length;
  if (conflicts === 0) return [];
  return [el("span", { class: "badge", id: "conflict-badge" },
    numberText(conflicts), el("span", { class: "visually-hidden", text: ` ${t("conflicts")}` }))];
}

function tab(name, chosen, ...more) {
  return el("a", { href: `#${name}`, "aria-current": name === chosen ? "page" : null },
    icon(name),
    el("span", { text: t(`tab_${name}`) }),
    ...more);
}

/* Draw the frame and return the place for the view, and how to bring the frame up to date. The tabs stay the
   same elements: a finger that is on one while news arrives still presses it. */
export function drawShell(root, chosen) {
  const place = el("main", { id: "content", tabindex: "-1" });
  const top = el("div");
  const badges = el("span", { class: "badges" });
  const bar = el("nav", { class: "tabs", "aria-label": t("app") },
    ...TABS.map((name) => (name === "recent" ? tab(name, chosen, badges) : tab(name, chosen))));
  const update = () => {
    if (!list()) return;
    replaceChildren(top, head());
    replaceChildren(badges, ...badge());
  };
  update();
  replaceChildren(root, top, place, bar);
  return { place, update };
}
