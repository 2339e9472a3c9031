/* Connecting this phone: by the organiser's code, scanned or pasted. */

import { NoAnswer, Refusal } from "../api.js";
import { NoCamera, startCamera } from "../camera.js";
import { device, enrol } from "../device.js";
import { button, download, el, icon, replaceChildren } from "../elements.js";
import { exportQueue, waitingCount } from "../queue.js";
import { language, switchLanguage, t } from "../words.js";

/* The code stands behind #enrol= in the organiser's link; it may be pasted alone, too. */
export function codeIn(text) {
  const found = /#enrol=([\w-]+)/.exec(text);
  return found ? found[1] : text.trim();
}

function messageOf(error) {
  if (error instanceof NoAnswer) return t("not_reached");
  if (error instanceof Refusal && error.code === "enrolment_over") return t("enrolment_over");
  return t("failed", { why: error.message });
}

export function enrolView(root, { code, redraw, done }) {
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const field = el("input", {
    id: "enrol-code", autocomplete: "off", autocapitalize: "none", spellcheck: "false", enterkeyhint: "go",
  });
  const go = el("button", { type: "submit", class: "primary", text: t("enrol_go") });
  const stage = el("div", { class: "enrol-camera", hidden: true });
  let camera = null;

  async function connect(given) {
    problem.hidden = true;
    go.disabled = true;
    go.textContent = t("enrol_busy");
    try {
      await enrol(codeIn(given), { waiting: waitingCount() });
      await done();
    } catch (error) {
      problem.textContent = messageOf(error);
      problem.hidden = false;
      go.disabled = false;
      go.textContent = t("enrol_go");
    }
  }

  async function scanCode() {
    const video = el("video", { class: "picture" });
    replaceChildren(stage, video);
    stage.hidden = false;
    problem.hidden = true;
    try {
      camera = await startCamera(video, (text) => {
        if (text.indexOf("#enrol=") < 0) return false;
        stopCamera();
        connect(text);
        return true;
      });
    } catch (error) {
      stopCamera();
      problem.textContent = error instanceof NoCamera ? t(error.message) : error.message;
      problem.hidden = false;
    }
  }

  function stopCamera() {
    if (camera) camera.stop();
    camera = null;
    stage.hidden = true;
  }

  const waits = waitingCount();
  const wasRevoked = device() && device().isRevoked;
  replaceChildren(
    root,
    el("main", { class: "page narrow" },
      el("p", { class: "brand" }, el("img", { src: new URL("../icon.svg", import.meta.url).href, alt: "", width: "40", height: "40" }), t("app")),
      wasRevoked && el("div", { class: "notice bad", role: "alert" },
        el("h2", { text: t("revoked_title") }),
        el("p", { text: t("revoked_text") }),
        waits > 0 && el("p", {}, el("strong", { text: t("revoked_kept", { n: waits }) })),
        waits > 0 && button(t("export"), () => download("kassa-scans.json", exportQueue()), { class: "wide" })),
      el("h1", { text: t("enrol_title") }),
      el("p", { class: "lead", text: t("enrol_how") }),
      button(t("enrol_scan"), scanCode, { class: "wide" }, icon("camera")),
      stage,
      el("form", { onsubmit: (event) => { event.preventDefault(); if (field.value.trim()) connect(field.value); } },
        el("label", { for: "enrol-code", text: t("enrol_code") }),
        field,
        problem,
        go),
      button(t("language_other"), () => { switchLanguage(); redraw(); },
        { class: "quiet", lang: language() === "en" ? "fr" : "en" })),
  );
  if (code) connect(code);
  return stopCamera;
}
