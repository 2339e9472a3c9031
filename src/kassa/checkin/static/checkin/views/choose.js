/* Choosing a list and a gate, and fetching the tickets. */

import { NoAnswer } from "../api.js";
import { callAsDevice, changeDevice, device } from "../device.js";
import { button, el, replaceChildren } from "../elements.js";
import { downloadList, list } from "../list.js";
import { dateText, numberText, t } from "../words.js";

async function allLists() {
  const found = [];
  let after = null;
  do {
    const query = after ? `&after=${encodeURIComponent(after)}` : "";
    const page = await callAsDevice("GET", `/checkin-lists?limit=50${query}`);
    found.push(...page.items);
    after = page.next;
  } while (after);
  return found;
}

function listChoice(each, isChosen, onchange) {
  const { event } = each;
  const when = event.starts_at ? dateText(event.starts_at, event.time_zone) : "";
  return el("label", { class: "choice" },
    el("input", { type: "radio", name: "list", value: each.id, checked: isChosen, onchange }),
    el("span", {},
      el("strong", { text: each.name }),
      el("small", { text: [event.title, event.venue_name].filter(Boolean).join(" · ") }),
      when && el("small", { text: when })));
}

function gateField(gates, chosen) {
  if (!gates.length) {
    return el("div", {},
      el("label", { for: "gate", text: t("choose_gate_free") }),
      el("input", { id: "gate", value: chosen, maxlength: "100", autocomplete: "off" }));
  }
  return el("fieldset", {},
    el("legend", { text: t("choose_gate") }),
    el("div", { class: "chips" }, ...gates.map((gate) => el("label", { class: "chip" },
      el("input", { type: "radio", name: "gate", value: gate, checked: gate === chosen }),
      el("span", { text: gate })))));
}

export function chooseView(root, { done, cancel }) {
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const place = el("div", {}, el("p", { class: "lead", text: t("loading") }));
  const bar = el("progress", { max: "1", value: "0", "aria-label": t("downloading") });
  const amount = el("p", { class: "lead" });
  let lists = [];
  let chosen = device().listId;

  function fail(error) {
    problem.textContent = error instanceof NoAnswer ? t("not_reached") : t("failed", { why: error.message });
    problem.hidden = false;
  }

  function drawForm() {
    if (!lists.length) {
      replaceChildren(place, el("p", { class: "lead", text: t("choose_none") }), button(t("look_again"), load, { class: "wide" }));
      return;
    }
    if (!lists.some((each) => each.id === chosen)) chosen = lists[0].id;
    const gates = lists.find((each) => each.id === chosen).gates;
    const gate = gates.length && gates.indexOf(device().gate) < 0 ? gates[0] : device().gate;
    const form = el("form", { onsubmit: (event) => { event.preventDefault(); start(form); } },
      el("fieldset", { class: "lists" }, el("legend", { class: "visually-hidden", text: t("choose_title") }),
        ...lists.map((each) => listChoice(each, each.id === chosen, (event) => {
          chosen = event.target.value;
          drawForm();
          place.querySelector("input[name=list]:checked").focus();
        }))),
      gateField(gates, gate),
      el("button", { type: "submit", class: "primary", text: t("choose_start") }));
    replaceChildren(place, form);
  }

  async function load() {
    problem.hidden = true;
    try {
      lists = await allLists();
      drawForm();
    } catch (error) {
      fail(error);
      replaceChildren(place, button(t("look_again"), load, { class: "wide" }));
    }
  }

  async function start(form) {
    const field = form.querySelector("input[name=gate]:checked") || form.querySelector("#gate");
    const gate = field ? field.value.trim() : "";
    problem.hidden = true;
    try {
      if (!list() || list().id !== chosen) {
        replaceChildren(place, el("p", { class: "lead", text: t("downloading") }), bar, amount);
        await downloadList(chosen, (got, total) => {
          bar.max = Math.max(total, 1);
          bar.value = got;
          amount.textContent = t("downloaded", { n: numberText(got), total: numberText(total) });
        });
      }
      await changeDevice({ listId: chosen, gate });
      done();
    } catch (error) {
      fail(error);
      if (!(error instanceof NoAnswer) || !list()) drawForm();
      else replaceChildren(place, el("p", { class: "lead", text: t("download_failed") }), button(t("look_again"), load, { class: "wide" }));
    }
  }

  // Within the frame of the door there is a main part already.
  replaceChildren(root, el(root.closest("main") ? "section" : "main", { class: "page narrow" },
    el("h1", { text: t("choose_title") }),
    problem,
    place,
    cancel && button(t("back"), cancel, { class: "quiet" })));
  load();
  return null;
}
