/* The list of tickets on this phone: downloaded page by page, kept fresh, looked up and searched in memory. */

import { change, read, readAll, write } from "./database.js";
import { callAsDevice } from "./device.js";
import { findTexts, searchText } from "./search.js";
import { tagOf, tidyCode } from "./qr.js";

const PAGE = 5000;
/* So many newer rows are kept beside the pages before all is written anew. */
const MOST_CHANGES = 5000;
const COLUMNS = ["id", "code", "status", "blocked", "name", "ticket_type", "seat", "order", "entered_at", "inside", "entries"];

let state = null; // { meta, rows, texts, byTag, byCode, former }

export function list() {
  return state && state.meta;
}

export function ticketCount() {
  return state ? state.rows.length : 0;
}

function rowFrom(values, at) {
  return {
    id: values[at.id],
    code: values[at.code],
    status: values[at.status],
    blocked: values[at.blocked],
    name: values[at.name] || "",
    ticketType: values[at.ticket_type],
    seat: values[at.seat] || "",
    order: values[at.order] || "",
    enteredAt: values[at.entered_at],
    inside: values[at.inside],
    entries: values[at.entries],
  };
}

function positions(columns) {
  const at = {};
  columns.forEach((name, index) => { at[name] = index; });
  const missing = COLUMNS.filter((name) => at[name] === undefined);
  if (missing.length) throw new Error(`The list has no ${missing.join(", ")}.`);
  return at;
}

function take(target, row) {
  const tag = tagOf(row.id, 16);
  const known = target.byTag.get(tag);
  if (known === undefined) {
    target.byTag.set(tag, target.rows.length);
    target.byCode.set(row.code, target.rows.length);
    target.rows.push(row);
    target.texts.push(searchText(row));
    return;
  }
  if (target.rows[known].code !== row.code) target.byCode.delete(target.rows[known].code);
  target.byCode.set(row.code, known);
  target.rows[known] = row;
  target.texts[known] = searchText(row);
}

function takeFormer(target, former) {
  former.forEach(([code, reason]) => target.former.set(code, reason));
}

function blank(meta) {
  return { meta, rows: [], texts: [], byTag: new Map(), byCode: new Map(), former: new Map() };
}

/* Bring the kept list into memory; return its description, or null if there is none. */
export async function openList() {
  const meta = await read("settings", "list");
  state = null;
  if (!meta) return null;
  const next = blank(meta);
  for (let number = 0; number < meta.pages; number += 1) {
    const page = await read("pages", [meta.generation, number]);
    page.rows.forEach((row) => take(next, row));
    takeFormer(next, page.former);
  }
  const changes = await readAll("changes");
  changes.forEach((changed) => {
    if (changed.row) take(next, changed.row);
    if (changed.former) takeFormer(next, [changed.former]);
  });
  next.changes = changes.length;
  state = next;
  return meta;
}

export function closeList() {
  state = null;
}

function rulesOf(answer) {
  const own = answer.list;
  return {
    id: own.id,
    name: own.name,
    area: own.area,
    gates: own.gates,
    entryRule: own.entry_rule,
    exits: own.exits,
    doorsOpenAt: own.doors_open_at,
    doorsCloseAt: own.doors_close_at,
    event: answer.event,
    ticketTypes: answer.ticket_types,
    keys: answer.keys,
    total: answer.total,
    clockAhead: Date.now() - Date.parse(answer.server_time),
  };
}

async function* walk(listId, since) {
  let after = null;
  do {
    const query = [`limit=${PAGE}`];
    if (since) query.push(`changed_since=${encodeURIComponent(since)}`);
    if (after) query.push(`after=${encodeURIComponent(after)}`);
    const page = await callAsDevice("GET", `/checkin-lists/${listId}/tickets?${query.join("&")}`, { timeout: 60000 });
    const at = positions(page.columns);
    yield { rows: page.rows.map((values) => rowFrom(values, at)), former: page.former || [], cursor: page.cursor };
    after = page.next;
  } while (after);
}

/* Download a list anew. The old one stays as it is until the new one is whole. */
export async function downloadList(listId, progress) {
  const meta = rulesOf(await callAsDevice("GET", `/checkin-lists/${listId}/offline`));
  meta.generation = Date.now();
  meta.pages = 0;
  const next = blank(meta);
  progress(0, meta.total);
  for await (const page of walk(listId, null)) {
    page.rows.forEach((row) => take(next, row));
    takeFormer(next, page.former);
    meta.cursor = page.cursor;
    await write("pages", { rows: page.rows, former: page.former }, [meta.generation, meta.pages]);
    meta.pages += 1;
    progress(next.rows.length, Math.max(meta.total, next.rows.length));
  }
  meta.freshAt = Date.now();
  next.changes = 0;
  await replacePages(meta, (pages) => {
    pages.delete(IDBKeyRange.upperBound([meta.generation], true));
  });
  state = next;
  return meta;
}

/* What is newer belongs to the pages now, and older pages to nobody. */
function replacePages(meta, work) {
  return change(["settings", "pages", "changes"], (settings, pages, changes) => {
    work(pages);
    changes.clear();
    settings.put(meta, "list");
  });
}

/* Fetch what has changed since the last time; return how many rows that were. */
export async function refreshList() {
  const target = state;
  const { id, cursor } = target.meta;
  const rules = rulesOf(await callAsDevice("GET", `/checkin-lists/${id}/offline`));
  if (rules.area !== target.meta.area) {
    // Who is in there is another question for every ticket, whether it has changed or not.
    await downloadList(id, () => undefined);
    return state.rows.length;
  }
  const rows = [];
  const former = [];
  let newest = cursor;
  for await (const page of walk(id, cursor)) {
    rows.push(...page.rows);
    former.push(...page.former);
    newest = page.cursor;
  }
  if (state !== target) return 0; // another list was chosen in the meantime
  rows.forEach((row) => take(target, row));
  takeFormer(target, former);
  Object.assign(target.meta, rules, { cursor: newest, freshAt: Date.now() });
  await keep(target, rows, former);
  return rows.length;
}

async function keep(target, rows, former) {
  target.changes += rows.length;
  if (target.changes > MOST_CHANGES) return writeAll(target);
  return change(["settings", "changes"], (settings, changes) => {
    rows.forEach((row) => changes.put({ id: row.id, row }));
    former.forEach((each) => changes.put({ id: `former ${each[0]}`, former: each }));
    settings.put(target.meta, "list");
  });
}

function writeAll(target) {
  const former = Array.from(target.former);
  return replacePages(target.meta, (pages) => {
    pages.clear();
    target.meta.pages = Math.max(1, Math.ceil(target.rows.length / PAGE));
    for (let number = 0; number < target.meta.pages; number += 1) {
      const rows = target.rows.slice(number * PAGE, (number + 1) * PAGE);
      pages.put({ rows, former: number ? [] : former }, [target.meta.generation, number]);
    }
    target.changes = 0;
  });
}

/* Remember what the server has just said of one ticket; the next refresh brings the whole of it. Return whether
   the list has the ticket, if there is anything to remember. */
export async function noteAnswer(answer) {
  if (!state || !answer.accepted || !answer.ticket || answer.list !== state.meta.id) return true;
  const row = rowOfTag(tagOf(answer.ticket.id, 16));
  if (!row) return false;
  row.inside = answer.kind === "entry";
  if (answer.kind === "entry") {
    row.entries += 1;
    row.enteredAt = row.enteredAt || answer.scanned_at;
  }
  state.changes += 1;
  await write("changes", { id: row.id, row });
  return true;
}

export function rowOfTag(tag) {
  const at = state.byTag.get(tag);
  return at === undefined ? null : state.rows[at];
}

export function rowOfCode(code) {
  const at = state.byCode.get(tidyCode(code));
  const asWritten = at === undefined ? state.byCode.get(code.trim()) : at;
  return asWritten === undefined ? null : state.rows[asWritten];
}

export function formerReason(code) {
  return state.former.get(code) || null;
}

export function typeName(id) {
  const found = state && state.meta.ticketTypes.find((type) => type.id === id);
  return found ? found.name : "";
}

export function search(query) {
  const { found, isMore } = findTexts(state.texts, query);
  return { rows: found.map((index) => state.rows[index]), isMore };
}

/* What the phone itself can count, for when nobody can be asked. */
export function localCounts() {
  let entered = 0;
  let inside = 0;
  state.rows.forEach((row) => {
    if (row.entries > 0) entered += 1;
    if (row.inside) inside += 1;
  });
  return { entered, inside, total: state.meta.total };
}

/* Put a ticket's way in and out back to what it was, after an undo. */
export async function restorePresence(id, before) {
  const row = state && rowOfTag(tagOf(id, 16));
  if (!row) return;
  Object.assign(row, before);
  state.changes += 1;
  await write("changes", { id: row.id, row });
}
