/* What this phone is, and how it behaves. */

import { device, forgetDevice } from "../device.js";
import { button, download, el, replaceChildren } from "../elements.js";
import { list, ticketCount } from "../list.js";
import { exportQueue, waitingCount } from "../queue.js";
import { soundIsOn, switchSound, wakeSound } from "../signals.js";
import { syncNow } from "../sync.js";
import { ageText, language, numberText, switchLanguage, t } from "../words.js";

function row(label, value, ...after) {
  return el("div", { class: "setting" }, el("div", {}, el("dt", { text: label }), el("dd", { dir: "auto", text: value })), ...after);
}

export function moreView(root, { choose, redraw, restart, onChange }) {
  let isAsking = false;

  async function signOut() {
    await forgetDevice();
    restart();
  }

  function leaving() {
    const waits = waitingCount();
    if (!isAsking) return button(t("sign_out"), () => { isAsking = true; draw(); }, { class: "wide" });
    return el("div", { class: "notice bad", role: "alert" },
      el("p", { text: t("sign_out_sure") }),
      waits > 0 && el("p", {}, el("strong", { text: t("sign_out_waiting", { n: numberText(waits) }) })),
      el("div", { class: "actions" },
        button(t("cancel"), () => { isAsking = false; draw(); }),
        button(t("sign_out_yes"), signOut, { class: "danger" })));
  }

  function draw() {
    const own = device();
    const waits = waitingCount();
    const age = list() ? `${numberText(ticketCount())} · ${ageText(list().freshAt)}` : "";
    const isOn = soundIsOn();
    replaceChildren(root, el("section", { class: "page narrow" },
      el("h1", { text: t("tab_more") }),
      el("dl", { class: "settings" },
        row(t("more_phone"), `${own.device.name} · ${own.organization.name}`),
        row(t("more_list"), list() ? `${list().event.title} · ${list().name}` : ""),
        row(t("more_gate"), own.gate || "–", button(t("more_change"), choose)),
        row(t("more_tickets"), age, button(t("more_refresh"), syncNow)),
        row(t("more_waiting"), numberText(waits),
          waits > 0 && button(t("export"), () => download("kassa-scans.json", exportQueue()))),
        row(t("more_sound"), t(isOn ? "more_on" : "more_off"),
          el("button", {
            type: "button", class: "switch", role: "switch", "aria-checked": String(isOn), "aria-label": t("more_sound"),
            onclick: async () => { wakeSound(); await switchSound(); draw(); root.querySelector(".switch").focus(); },
          })),
        row(t("more_language"), language() === "en" ? "English" : "Français",
          button(t("language_other"), () => { switchLanguage(); redraw(); }, { lang: language() === "en" ? "fr" : "en" }))),
      leaving()));
  }
  draw();
  onChange(draw);
  return null;
}
