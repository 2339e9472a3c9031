/* The door: the camera, the counter, and typing what the camera cannot read. */

import { NoCamera, startCamera } from "../camera.js";
import { button, el, icon, replaceChildren } from "../elements.js";
import { ownEntries } from "../history.js";
import { list } from "../list.js";
import { isTyped } from "../scanned_text.js";
import { wakeSound } from "../signals.js";
import { currentCounts } from "../sync.js";
import { keepAwake, letSleep } from "../wake.js";
import { numberText, t } from "../words.js";

/* Entry or exit stays chosen while the page is open. */
let kind = "entry";

export function chosenKind() {
  return list() && list().exits ? kind : "entry";
}

function figure(label, value, id) {
  return el("div", {}, el("dt", { text: label }), el("dd", { id, text: numberText(value) }));
}

function counter() {
  const counts = currentCounts();
  return [
    figure(t("inside"), counts.inside, "count-inside"),
    figure(t("entered"), counts.entered, "count-entered"),
    figure(t("total"), counts.total, "count-total"),
    figure(t("own"), ownEntries(), "count-own"),
  ];
}

function direction() {
  const choice = (value) => el("label", { class: "chip" },
    el("input", { type: "radio", name: "kind", value, checked: kind === value, onchange: () => { kind = value; } }),
    el("span", { text: t(value) }));
  return el("fieldset", { class: "direction" },
    el("legend", { class: "visually-hidden", text: t("direction") }),
    el("div", { class: "chips" }, choice("entry"), choice("exit")));
}

export function doorView(root, { judge, onChange }) {
  const video = el("video", { class: "picture", "aria-label": t("aim") });
  const hint = el("p", { class: "aim", text: t("aim") });
  const problem = el("div", { class: "no-camera", hidden: true });
  const torch = button(t("torch"), switchTorch, { class: "torch", hidden: true, "aria-pressed": "false" }, icon("torch"));
  const counts = el("dl", { class: "counter", "aria-live": "off" });
  const field = el("input", {
    id: "typed", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", enterkeyhint: "go",
    "aria-describedby": "typed-hint", maxlength: "300",
  });
  let camera = null;
  let isGone = false;

  async function switchTorch() {
    const isOn = torch.getAttribute("aria-pressed") !== "true";
    try {
      await camera.setTorch(isOn);
      torch.setAttribute("aria-pressed", String(isOn));
    } catch {
      torch.hidden = true;
    }
  }

  async function start() {
    wakeSound();
    problem.hidden = true;
    hint.hidden = false;
    try {
      const started = await startCamera(video, (text) => judge(text, chosenKind()), () => {
        stop();
        sayNoCamera("camera_useless");
      });
      if (isGone || document.hidden) return started.stop();
      camera = started;
      torch.hidden = !camera.hasTorch;
      root.querySelector(".camera").dataset.reader = camera.decoder;
    } catch (error) {
      if (!(error instanceof NoCamera)) throw error;
      sayNoCamera(error.message);
    }
    return undefined;
  }

  function sayNoCamera(why) {
    replaceChildren(problem, icon("camera"), el("p", { text: t(why) }), button(t("camera_start"), start));
    problem.hidden = false;
    hint.hidden = true;
  }

  function stop() {
    if (camera) camera.stop();
    camera = null;
    torch.setAttribute("aria-pressed", "false");
  }

  // A phone in a pocket needs no camera, and some lose the picture when they come back.
  function onVisibility() {
    if (document.hidden) stop();
    else if (!camera) start();
  }

  function submit(event) {
    event.preventDefault();
    wakeSound();
    const text = field.value.trim();
    if (text && judge(text, chosenKind())) field.value = "";
  }

  replaceChildren(root, el("section", { class: "page door" },
    el("h1", { class: "visually-hidden", text: t("tab_scan") }),
    el("div", { class: "camera" }, video, el("div", { class: "frame", "aria-hidden": "true" }), hint, torch, problem),
    el("div", { class: "desk" },
      list().exits && direction(),
      counts,
      el("form", { class: "typing", onsubmit: submit },
        el("label", { for: "typed", text: t("type_code") }),
        el("div", { class: "row" }, field, el("button", { type: "submit", text: t("check") })),
        el("p", { id: "typed-hint", class: "hint", text: t("code_hint") })))));

  // A hand scanner types wherever the focus is.
  function onKey(event) {
    if (isTyped(event) && document.activeElement === document.body) field.focus();
  }

  const update = () => replaceChildren(counts, ...counter());
  update();
  onChange(update);
  document.addEventListener("visibilitychange", onVisibility);
  document.addEventListener("pointerdown", wakeSound);
  document.addEventListener("keydown", onKey);
  keepAwake();
  start();
  return () => {
    isGone = true;
    document.removeEventListener("visibilitychange", onVisibility);
    document.removeEventListener("pointerdown", wakeSound);
    document.removeEventListener("keydown", onKey);
    letSleep();
    stop();
  };
}
