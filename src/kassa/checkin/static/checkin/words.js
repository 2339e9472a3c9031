/* Saying it in the language of whoever holds the phone, and writing numbers and times their way. */

import { WORDS } from "./texts.js";

const KEPT = "kassa-checkin-language";
const LANGUAGES = ["en", "fr"];
/* Both count hours to 24, as all else that Kassa shows does. */
const LOCALES = { en: "en-GB", fr: "fr-FR" };

let current = "en";

function preferred() {
  let kept = null;
  try {
    kept = localStorage.getItem(KEPT);
  } catch {
    kept = null; // storage may be forbidden
  }
  const wanted = [kept].concat(navigator.languages || []).filter(Boolean);
  const found = wanted.map((each) => each.slice(0, 2)).find((each) => LANGUAGES.indexOf(each) >= 0);
  return found || "en";
}

export function language() {
  return current;
}

export function startLanguage() {
  current = preferred();
  document.documentElement.lang = current;
}

export function switchLanguage() {
  current = current === "en" ? "fr" : "en";
  document.documentElement.lang = current;
  try {
    localStorage.setItem(KEPT, current);
  } catch {
    // It lasts until the page is closed.
  }
}

export function has(name) {
  return WORDS[name] !== undefined;
}

/* Return a text; {names} in it are filled in. */
export function t(name, values = {}) {
  const text = WORDS[name][LANGUAGES.indexOf(current)];
  return text.replace(/\{(\w+)\}/g, (whole, key) => (values[key] === undefined ? whole : String(values[key])));
}

function locale() {
  return LOCALES[current];
}

export function numberText(value) {
  return value.toLocaleString(locale());
}

/* Say whether a clock shows the time of a moment twice: it is put back an hour (or half of one) later or before. */
function comesTwice(date, zone) {
  const read = (ms) => new Date(ms).toLocaleString("en-GB", { timeZone: zone });
  const shown = read(date.getTime());
  return [-3600000, -1800000, 1800000, 3600000].some((step) => read(date.getTime() + step) === shown);
}

/* Name the clock where the time alone would not say which of two moments is meant. */
function clockName(date, zone) {
  return comesTwice(date, zone) ? { timeZoneName: "short" } : {};
}

export function clockText(moment, withSeconds) {
  const date = new Date(moment);
  const form = Object.assign(
    { hour: "2-digit", minute: "2-digit", second: withSeconds ? "2-digit" : undefined }, clockName(date),
  );
  const isToday = date.toDateString() === new Date().toDateString();
  const day = isToday ? "" : `${date.toLocaleDateString(locale(), { day: "numeric", month: "short" })}, `;
  return day + date.toLocaleTimeString(locale(), form);
}

export function dateText(moment, zone) {
  const date = new Date(moment);
  const form = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  return date.toLocaleString(locale(), Object.assign(form, zone ? { timeZone: zone } : {}, clockName(date, zone)));
}

export function ageText(moment) {
  const minutes = Math.floor((Date.now() - moment) / 60000);
  if (minutes < 1) return t("age_now");
  return minutes < 60 ? t("age_minutes", { n: minutes }) : t("age_hours", { n: Math.floor(minutes / 60) });
}
