// Waits: asks for one small document that is the same for everybody, and works out the rest from its own place.
import { drawnRank, fromHex } from "./draw.js";

const room = document.getElementById("room");
const words = JSON.parse(document.getElementById("words").textContent);
const language = document.documentElement.lang;
const numbers = new Intl.NumberFormat(language);
const pageTitle = document.title;
const SPEAK_EVERY = 20_000;

let place = null; // {number, room}: from the server, which read it from a cookie that no script sees
let told = null; // the last document
let ahead = null; // how far the server's clock is ahead of ours, in milliseconds
let spoken = { text: "", at: 0 };
let isGoing = false;
let joinsAt = 0; // before that moment it makes no sense to ask for a place again

const shown = (name) => document.querySelector(`[data-show="${name}"]`);
const allShown = (name) => document.querySelectorAll(`[data-show="${name}"]`);
const filled = (text, values) => text.replace(/{(\w+)}/g, (_, name) => values[name]);

async function ask() {
  // The browser's own cache would only add to the age of what a cache in between may have kept.
  const answer = await fetch(`${room.dataset.base}/now`, { cache: "no-cache", credentials: "omit" });
  if (!answer.ok) throw new Error(`now: ${answer.status}`);
  const sent = Date.parse(answer.headers.get("Date") ?? "");
  const age = Number(answer.headers.get("Age") ?? 0);
  if (Number.isFinite(sent)) ahead = sent + age * 1000 - Date.now();
  told = await answer.json();
}

async function join() {
  const answer = await fetch(`${room.dataset.base}/place`, {
    method: "POST",
    headers: { Accept: "application/json" },
  });
  if (answer.status === 429) {
    // Too many have come from this network just now: the place is asked for again, at another moment in each browser.
    joinsAt = Date.now() + jittered(1300 * (Number(answer.headers.get("Retry-After")) || 5));
    return;
  }
  if (!answer.ok) throw new Error(`place: ${answer.status}`);
  const given = await answer.json();
  place = given.number === null ? null : given;
}

async function look() {
  let isOffline = false;
  try {
    await ask();
    if (mayJoin() && place?.room !== told.room && Date.now() >= joinsAt) await join();
  } catch {
    isOffline = true;
  }
  shown("offline").hidden = !isOffline;
  draw();
  if (!isGoing) setTimeout(look, isOffline ? jittered(4000) : pause());
}

function mayJoin() {
  return ["gathering", "running", "paused"].includes(told.state);
}

function standing() {
  if (told === null) return { state: "loading" };
  if (told.state === "over") return { state: "over" };
  if (told.state === "early") return { state: "early", at: told.opens_at };
  if (place?.room !== told.room) return { state: "loading" };
  if (told.drawn === null) return { state: "gathering", at: told.starts_at };
  const rank =
    place.number <= told.drawn ? drawnRank(fromHex(told.seed), place.number, told.drawn) : place.number;
  if (rank <= told.serving) return { state: "called" };
  const missing = rank - told.serving;
  return { state: "line", rank, ahead: missing - 1, seconds: told.paused ? null : (missing * 60) / told.rate };
}

/** The nearer one's turn, the more often one asks; never all at once. */
function pause() {
  const now = standing();
  if (now.state === "line") {
    if (now.seconds === null) return jittered(5000);
    return jittered(Math.min(15_000, Math.max(1500, now.seconds * 50)));
  }
  if (now.state === "early" || now.state === "gathering") {
    const left = Date.parse(now.at) - (Date.now() + (ahead ?? 0));
    // Nobody has to hurry at the start: the places are drawn, not taken.
    return left > 0 ? Math.min(jittered(10_000), left + jittered(1500)) : jittered(1500);
  }
  return jittered(3000);
}

function jittered(milliseconds) {
  return milliseconds * (0.7 + 0.6 * Math.random());
}

function draw() {
  const now = standing();
  for (const part of room.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== now.state;
  shown("keep-open").hidden = ["early", "over"].includes(now.state);
  if (told?.commitment) shown("commitment").textContent = told.commitment;
  if (now.state === "gathering") drawGathering();
  if (now.state === "line") drawLine(now);
  if (now.state === "called") goIn();
  if (now.state === "over") tell(words.over_title, words.over_title);
  if (now.state === "early") tell(words.early_title, words.early_title);
  tick();
}

function drawGathering() {
  const others = told.joined - 1;
  const crowd = others > 0 ? filled(words.many_wait, { n: numbers.format(others) }) : words.one_waits;
  shown("crowd").textContent = crowd;
  tell(words.gathering_title, `${words.gathering_title}. ${words.gathering_text}`);
}

function drawLine(now) {
  const isNext = now.ahead === 0;
  shown("ahead").textContent = isNext ? "" : numbers.format(now.ahead);
  const unit = now.ahead === 1 ? words.before_you_one : words.before_you_many;
  shown("ahead-unit").textContent = isNext ? words.ahead_none : unit;
  shown("ahead-unit").classList.toggle("plainly", isNext);
  shown("rank").textContent = numbers.format(now.rank);
  shown("serving").textContent = numbers.format(told.serving);
  shown("progress").max = now.rank;
  shown("progress").value = told.serving;
  shown("paused").hidden = !told.paused;
  shown("estimate-row").hidden = now.seconds === null;
  const wait = now.seconds === null ? words.paused : waitText(now.seconds);
  shown("estimate").textContent = wait;
  const before = aheadText(now.ahead);
  tell(before, `${before}. ${wait}.`);
}

function aheadText(count) {
  if (count === 0) return words.ahead_none;
  return count === 1 ? words.ahead_one : filled(words.ahead_many, { n: numbers.format(count) });
}

function waitText(seconds) {
  const minutes = Math.ceil(seconds / 60);
  if (seconds < 60) return words.wait_soon;
  if (minutes === 1) return words.wait_minute;
  if (minutes < 90) return filled(words.wait_minutes, { n: minutes });
  return filled(words.wait_hours, { h: Math.floor(minutes / 60), m: minutes % 60 });
}

/** Go in at once if somebody looks; else the title calls them, and they go when they come back. */
function goIn() {
  tell(words.called_title, words.called_title);
  if (document.visibilityState !== "visible" || isGoing) return;
  isGoing = true;
  shown("going").hidden = false;
  document.getElementById("entry").requestSubmit();
}

/** Put it into the title, and say it to those who listen: at once if it is something new, else now and then. */
function tell(title, text) {
  document.title = `${title} · ${room.dataset.title}`;
  const isNews = text !== spoken.text;
  if (isNews && Date.now() - spoken.at > SPEAK_EVERY) {
    spoken = { text, at: Date.now() };
    shown("spoken").textContent = text;
  }
}

function tick() {
  const now = standing();
  if (now.at === undefined) return;
  const left = Math.max(0, Math.ceil((Date.parse(now.at) - (Date.now() + (ahead ?? 0))) / 1000));
  const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  const two = (part) => String(part).padStart(2, "0");
  const text = hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
  const isDrawing = left === 0 && now.state === "gathering";
  for (const clock of allShown("countdown")) clock.textContent = isDrawing ? "" : text;
  shown("until").textContent = isDrawing ? words.drawing : words.starts_in;
}

document.addEventListener("visibilitychange", () => told && draw());
// Whoever comes back with the browser's "back" finds a page that still knows that it has gone.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
setInterval(tick, 1000);
document.title = pageTitle;
look();
