/* Deciding at the door without a network: values in, an answer out. The rules are the server's. */

import { tagOf } from "./qr.js";

/* Return what is known of a ticket's way in and out: the server's word, then the scans it has not heard of. */
export function presenceOf(row, pending) {
  const presence = {
    entries: row ? row.entries : 0,
    inside: row ? row.inside : false,
    last: row && row.enteredAt ? { at: row.enteredAt, kind: "entry", gate: null, by: null } : null,
  };
  pending.forEach((scan) => {
    if (!scan.let_in) return;
    presence.inside = scan.kind === "entry";
    if (scan.kind === "entry") presence.entries += 1;
    presence.last = { at: scan.scanned_at, kind: scan.kind, gate: scan.gate, by: null, isOwn: true };
  });
  return presence;
}

function refused(result, more) {
  return Object.assign({ result, accepted: false, note: null, previous: null }, more);
}

function refusedByCode({ read, genuine, row, former, list }) {
  if (read) {
    if (genuine === "unknown_key") return "unknown";
    if (genuine === "key_revoked") return "key_revoked";
    if (genuine !== "yes") return "forged";
    if (read.eventTag !== tagOf(list.event.id, 16)) return "wrong_event";
  }
  if (former) return former;
  if (!row && !read) return "unknown";
  // The ticket is there under another code: this one has ended.
  return row && read && read.code !== row.code ? "reissued" : null;
}

function refusedByTicket({ read, row, list }) {
  const typeTag = row ? tagOf(row.ticketType, 8) : read.typeTag;
  if (!list.ticketTypes.some((type) => tagOf(type.id, 8) === typeTag)) return "wrong_ticket_type";
  if (row && row.status !== "valid") return row.status;
  return row && row.blocked ? "blocked" : null;
}

function refusedByTime(list, now) {
  if (list.doorsOpenAt && now < Date.parse(list.doorsOpenAt)) return "too_early";
  if (list.doorsCloseAt && now >= Date.parse(list.doorsCloseAt)) return "too_late";
  return null;
}

function refusedByPresence(list, kind, presence) {
  if (kind === "exit" && !list.exits) return "no_exits";
  if (kind === "exit") return presence.inside ? null : "not_inside";
  if (list.entryRule === "once" && presence.entries > 0) return "already_used";
  if (list.entryRule === "after_exit" && presence.inside) return "already_used";
  return null;
}

/* Decide about one scan.

   read: what the QR code says (null: a code was typed); genuine: "yes", "no", "unknown_key" or "key_revoked";
   row: the ticket in the downloaded list, or null; former: why this code has ended, or null; list: the rules;
   pending: own scans of this ticket that the server has not heard of, oldest first; kind: entry or exit. */
export function decide({ read, genuine, row, former, list, pending, kind, now }) {
  const byCode = refusedByCode({ read, genuine, row, former, list });
  if (byCode) return refused(byCode);
  // Who wants out is held up by nothing but not being in.
  const byTicket = kind === "entry" ? refusedByTicket({ read, row, list }) || refusedByTime(list, now) : null;
  if (byTicket) return refused(byTicket);
  const presence = presenceOf(row, pending);
  const byPresence = refusedByPresence(list, kind, presence);
  if (byPresence) return refused(byPresence, { previous: presence.last });
  return { result: "valid", accepted: true, note: row ? null : "sold_later", previous: null };
}
