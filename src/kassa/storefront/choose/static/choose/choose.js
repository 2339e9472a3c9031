// The form of a choice: steppers, the total as the sale works it out, and what is left while one looks.
// Without this script the form works as well; the next page then says the total.

const PRICE_DELAY = 250;
const CODE_DELAY = 1500; // a code that is half typed would count among the wrong ones
const LOOK_EVERY = 5000;
const LOOK_AT_MOST = 60000;

const form = document.querySelector("form[data-choose]");
if (form) start(form);

function start(form) {
  fillFromAddress();
  for (const stepper of form.querySelectorAll(".stepper")) step(stepper);
  const price = pricing(form);
  // What the page came with is said until the buyer does something about it.
  for (const place of form.querySelectorAll("[data-problem]:not([hidden])")) place.dataset.stays = "";
  const change = (event) => {
    for (const place of form.querySelectorAll("[data-stays]")) {
      if (event.type === "input" || place.dataset.problem !== "seat") delete place.dataset.stays;
    }
    price.soon(event.target.name === "coupon" ? CODE_DELAY : PRICE_DELAY);
  };
  form.addEventListener("input", change);
  form.addEventListener("choice", change);
  form.elements.namedItem("coupon")?.addEventListener("change", () => price.soon());
  // The page comes with the price of what it has chosen itself: only another choice is asked about.
  if (!form.querySelector("[data-total]")?.textContent || isChanged(form)) price.soon();
  if (form.dataset.availability) look(form);
  onlyOnce(form);
}

// Who had to wait finds the choice of before in the address.
function fillFromAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  for (const [name, value] of asked) {
    const field = name === "seat" ? null : form.elements.namedItem(name);
    if (field instanceof HTMLInputElement && field.type !== "hidden" && !field.disabled) field.value = value;
  }
  form.dataset.asked = asked.getAll("seat").join(" ");
}

// A browser that goes back fills in what was typed before.
function isChanged(form) {
  return [...form.querySelectorAll("input[type=number]")].some((field) => field.value !== field.defaultValue);
}

function step(stepper) {
  const input = stepper.querySelector("input");
  const [less, more] = stepper.querySelectorAll("button");
  const show = () => {
    const value = Number(input.value) || 0;
    less.disabled = value <= 0;
    more.disabled = input.max !== "" && value >= Number(input.max);
  };
  const go = (by) => {
    const least = Number(input.dataset.least) || 1;
    const most = input.max === "" ? Infinity : Number(input.max);
    let value = (Number(input.value) || 0) + by;
    if (value > 0 && value < least) value = by > 0 ? least : 0;
    input.value = Math.max(0, Math.min(value, most));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  for (const [button, by] of [[less, -1], [more, 1]]) {
    button.hidden = false;
    button.addEventListener("click", () => go(by));
  }
  input.addEventListener("input", show);
  input.addEventListener("focus", () => input.select());
  stepper.addEventListener("left", show);
  show();
}

// The server works the price out, with the same rules as the sale; an answer that is out of date is dropped.
function pricing(form) {
  let timer = 0;
  let running = null;
  const sum = form.querySelector("[data-sum]");
  const total = form.querySelector("[data-total]");
  if (!sum) return { soon() {} };
  const ask = async () => {
    running?.abort();
    const mine = (running = new AbortController());
    const body = new URLSearchParams(new FormData(form));
    if (!hasChoice(body) && !body.get("coupon")) return show(form, { sum: "", total: "", problems: {} });
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.price, { method: "POST", body, signal: mine.signal });
      if (answer.status === 429) timer = setTimeout(ask, 1000 * (Number(answer.headers.get("Retry-After")) || 5));
      else if (!answer.ok) throw new Error(String(answer.status));
      show(form, await answer.json());
    } catch (error) {
      if (error.name === "AbortError") return;
      sum.textContent = form.dataset.offline;
      total.textContent = "";
    } finally {
      if (running === mine) form.removeAttribute("aria-busy");
    }
  };
  const show = (form, answer) => {
    sum.innerHTML = answer.sum;
    if (total.textContent !== answer.total) total.textContent = answer.total;
    for (const place of form.querySelectorAll("[data-problem]")) {
      const name = place.dataset.problem;
      if ("stays" in place.dataset) continue;
      const text = answer.problems[name] ?? "";
      place.textContent = text;
      place.hidden = !text;
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLInputElement) field.toggleAttribute("aria-invalid", Boolean(text));
    }
  };
  return {
    soon(delay = PRICE_DELAY) {
      clearTimeout(timer);
      timer = setTimeout(ask, delay);
    },
  };
}

function hasChoice(body) {
  for (const [name, value] of body) {
    if (name === "seat" ? value : /^(type|best|product)-/.test(name) && Number(value) > 0) return true;
  }
  return false;
}

// What is left, while the page is in sight: every few seconds, at another moment in each browser, and more
// rarely while nothing answers or nobody does anything.
function look(form) {
  let wait = LOOK_EVERY;
  let timer = 0;
  let etag = "";
  const withSeats = form.querySelector("[data-plan]") ? "?seats=1" : "";
  const later = () => {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, wait * (0.8 + 0.4 * Math.random()));
  };
  const ask = async () => {
    try {
      const headers = etag ? { "If-None-Match": etag } : {};
      const answer = await fetch(form.dataset.availability + withSeats, { headers, cache: "no-store" });
      if (answer.status === 404) return;
      if (answer.status === 200) {
        etag = answer.headers.get("ETag") ?? "";
        const found = await answer.json();
        for (const type of found.ticket_types) showLeft(form, type.id, type.left);
        form.availability = found;
        form.dispatchEvent(new Event("availability"));
        wait = LOOK_EVERY;
      } else if (answer.status === 304) {
        wait = Math.min(wait * 1.2, LOOK_EVERY * 3);
      } else {
        throw new Error(String(answer.status));
      }
    } catch {
      wait = Math.min(wait * 2, LOOK_AT_MOST);
    }
    later();
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : ask()));
  for (const sign of ["pointerdown", "keydown"]) {
    form.addEventListener(sign, () => { wait = Math.min(wait, LOOK_EVERY); }, { passive: true });
  }
  ask();
}

function showLeft(form, id, left) {
  const row = form.querySelector(`[data-item="${id}"]`);
  const input = row?.querySelector("input[type=number]");
  if (!input) return;
  const most = input.dataset.most === undefined ? Infinity : Number(input.dataset.most);
  const least = Number(input.dataset.least) || 1;
  const isOut = left !== null && left < least;
  const limit = Math.min(most, left ?? Infinity);
  input.max = limit === Infinity ? "" : String(Math.max(limit, 0));
  const note = row.querySelector("[data-left]");
  const isFew = left !== null && !isOut && left <= 10;
  const text = isFew ? form.dataset.few.replace("{left}", left) : "";
  if (note.textContent !== text) note.textContent = text;
  note.hidden = !isFew;
  if (isOut !== row.classList.contains("off")) {
    row.classList.toggle("off", isOut);
    row.querySelector(".stepper").hidden = isOut;
    row.querySelector("[data-sold-out]").hidden = !isOut;
    input.disabled = isOut;
    // Said only when something changes that a buyer must know.
    const say = form.querySelector("[data-say]");
    if (!say) return;
    const name = row.querySelector(".name").textContent;
    if (isOut) say.textContent = `${name} – ${row.querySelector("[data-sold-out]").textContent}`;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
  input.parentElement.dispatchEvent(new Event("left"));
}

function onlyOnce(form) {
  let isSent = false;
  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("data-list")) return;
    if (isSent) event.preventDefault();
    isSent = true;
    form.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => {
    isSent = false;
    form.removeAttribute("aria-busy");
  });
}
