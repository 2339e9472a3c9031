// The checkout with scripts: what is left of the time, quantities that count by themselves, and typing that
// survives. Without them all of it works, a click slower.

import { mirrorName } from "./address.js";
import { carryOver } from "./carrying.js";
import { keepTyping } from "./typing.js";
import { startCountdown } from "./countdown.js";

const said = document.getElementById("said");

function say(text) {
  said.textContent = "";
  // A live region tells what changes, so the same sentence twice has to go in between.
  requestAnimationFrame(() => (said.textContent = text));
}

function form() {
  return document.querySelector("form#checkout");
}

function begin() {
  const checkout = form();
  if (!checkout) return;
  for (const button of checkout.querySelectorAll(".stepper button")) button.hidden = false;
  for (const button of checkout.querySelectorAll("[data-change]")) button.hidden = true;
  keepTyping(checkout);
  mirrorName(checkout);
  startCountdown(checkout, { say, whenOver: () => sendToLook(checkout) });
  if (location.pathname !== new URL(checkout.action).pathname) history.replaceState(null, "", checkout.action);
}

// Sends what was typed, so that the page can say that the time is over and still show it.
function sendToLook(checkout) {
  const button = Object.assign(document.createElement("button"), { name: "do", value: "look", hidden: true });
  checkout.append(button);
  button.click();
}

document.addEventListener("click", ({ target }) => {
  const step = target.closest?.(".stepper [data-step]");
  if (!step) return;
  const input = step.parentElement.querySelector("input");
  const wanted = Math.min(Number(input.max), Math.max(0, Number(input.value) + Number(step.dataset.step)));
  if (wanted === Number(input.value)) return;
  input.value = wanted;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});

let waiting;
document.addEventListener("change", ({ target }) => {
  if (!target.matches?.(".stepper input")) return;
  clearTimeout(waiting);
  const send = () => {
    // The form may be another one by then, or another answer on its way.
    const button = document.getElementById(target.id.replace("n-", "change-"));
    if (button?.disabled) waiting = setTimeout(send, 300);
    else button?.click();
  };
  waiting = setTimeout(send, 400);
});

document.addEventListener("keydown", (event) => {
  const near = { coupon: "#apply" }[event.target.id] ?? (event.target.matches?.(".stepper input") ? "[data-change]" : null);
  if (event.key !== "Enter" || !near) return;
  event.preventDefault();
  clearTimeout(waiting);
  (near === "#apply" ? form().querySelector(near) : event.target.closest("li").querySelector(near))?.click();
});

// One click orders once: the server sees to that, and this shows it.
document.addEventListener("submit", ({ target, submitter }) => {
  if (target !== form() || submitter?.value !== "order") return;
  const button = document.getElementById("order");
  if (!button) return;
  button.dataset.text ??= button.textContent;
  setTimeout(() => {
    button.disabled = true;
    button.textContent = button.dataset.busy;
  });
});
addEventListener("pageshow", () => {
  const button = document.getElementById("order");
  if (!button?.dataset.text) return;
  button.disabled = false;
  button.textContent = button.dataset.text;
});

document.addEventListener("htmx:afterSettle", () => {
  begin();
  const text = form()?.querySelector(".problem, .error")?.textContent ?? form()?.dataset.said;
  if (text) say(text);
});
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, () => {
    say(said.dataset.failed);
    said.classList.replace("hidden", "problem");
  });
}
document.addEventListener("htmx:beforeRequest", () => said.classList.replace("problem", "hidden"));

carryOver(form);
begin();
