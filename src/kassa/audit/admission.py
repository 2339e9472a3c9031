"""The door: who is in is what the scans come to, and nobody came in with a ticket that is none."""

from __future__ import annotations

from kassa.audit.check import Check, Subject

PRESENCES = Check(
    name="presences",
    subject=Subject.ADMISSION,
    sentence="who is in is not what the accepted scans come to",
    sql="""
WITH undone AS (
    SELECT u.organization_id, u.undoes_id FROM admission_scan u
    WHERE OF(u) AND u.turn IS NOT NULL AND u.undoes_id IS NOT NULL
), counting AS (
    SELECT s.organization_id, s.ticket_id, s.area, s.id, s.turn, s.kind, s.scanned_at
    FROM admission_scan s
    LEFT JOIN undone ON undone.organization_id = s.organization_id AND undone.undoes_id = s.id
    WHERE OF(s) AND s.turn IS NOT NULL AND s.kind <> 'undo' AND undone.undoes_id IS NULL
), chains AS (
    SELECT DISTINCT s.organization_id, s.ticket_id, s.area
    FROM admission_scan s WHERE OF(s) AND s.turn IS NOT NULL
), folded AS (
    SELECT chains.organization_id, chains.ticket_id, chains.area,
           count(c.id) FILTER (WHERE c.kind = 'entry') AS entries,
           coalesce((array_agg(c.kind ORDER BY c.turn DESC) FILTER (WHERE c.id IS NOT NULL))[1] = 'entry',
                    false) AS is_inside,
           (array_agg(c.scanned_at ORDER BY c.turn) FILTER (WHERE c.kind = 'entry'))[1] AS entered_at,
           (array_agg(c.id ORDER BY c.turn DESC) FILTER (WHERE c.id IS NOT NULL))[1] AS last_scan_id
    FROM chains
    LEFT JOIN counting c ON c.organization_id = chains.organization_id AND c.ticket_id = chains.ticket_id
                        AND c.area = chains.area
    GROUP BY 1, 2, 3
), kept AS (
    SELECT p.* FROM admission_presence p WHERE OF(p)
)
SELECT coalesce(folded.organization_id, kept.organization_id) AS organization_id,
       coalesce(folded.ticket_id, kept.ticket_id) AS ticket, coalesce(folded.area, kept.area) AS area,
       kept.entries, folded.entries AS entries_scanned, kept.is_inside, folded.is_inside AS inside_by_scans
FROM folded
FULL JOIN kept ON kept.organization_id = folded.organization_id AND kept.ticket_id = folded.ticket_id
              AND kept.area = folded.area
WHERE (folded.entries, folded.is_inside, folded.entered_at, folded.last_scan_id)
      IS DISTINCT FROM (kept.entries, kept.is_inside, kept.entered_at, kept.last_scan_id)
""",
)

TURNS = Check(
    name="turns",
    subject=Subject.ADMISSION,
    sentence="accepted scans of a ticket are not an unbroken chain",
    sql="""
SELECT s.organization_id, s.ticket_id AS ticket, s.area, count(*) AS scans, max(s.turn) AS last_turn,
       p.turn AS turn_kept
FROM admission_scan s
LEFT JOIN admission_presence p
  ON p.organization_id = s.organization_id AND p.ticket_id = s.ticket_id AND p.area = s.area
WHERE OF(s) AND s.turn IS NOT NULL
GROUP BY 1, 2, 3, p.turn HAVING count(*) <> max(s.turn) OR min(s.turn) <> 1 OR max(s.turn) <> p.turn
""",
)

UNDONE_SCANS = Check(
    name="undone_scans",
    subject=Subject.ADMISSION,
    sentence="scans were undone that were not the last ones that counted",
    sql="""
SELECT u.organization_id, u.ticket_id AS ticket, u.area, u.client_id AS undo, s.client_id AS scan
FROM admission_scan u
JOIN admission_scan s ON s.organization_id = u.organization_id AND s.id = u.undoes_id
WHERE OF(u) AND (
    s.turn IS NULL OR s.kind = 'undo' OR s.turn >= u.turn
    OR (s.ticket_id, s.area) IS DISTINCT FROM (u.ticket_id, u.area)
    OR EXISTS (
        SELECT FROM admission_scan x
        LEFT JOIN admission_scan y ON y.organization_id = x.organization_id AND y.undoes_id = x.id
        WHERE x.organization_id = u.organization_id AND x.ticket_id = u.ticket_id AND x.area = u.area
          AND x.kind <> 'undo' AND x.turn > s.turn AND x.turn < u.turn
          AND (y.turn IS NULL OR y.turn > u.turn)))
""",
)

USED_TICKETS = Check(
    name="used_tickets",
    subject=Subject.ADMISSION,
    sentence="tickets and who was let in with them do not agree",
    # What was used in another system has no moment, and nothing was scanned here.
    sql="""
SELECT t.organization_id, o.id AS order_id, o.number, t.id AS ticket, t.status, t.checked_in_at,
       p.entries, p.entered_at
FROM orders_ticket t
JOIN orders_order o ON o.organization_id = t.organization_id AND o.id = t.order_id
LEFT JOIN admission_presence p
  ON p.organization_id = t.organization_id AND p.ticket_id = t.id AND p.area = 'entrance'
WHERE OF(t) AND (t.checked_in_at IS DISTINCT FROM p.entered_at
    OR (t.status = 'valid' AND p.entries > 0)
    OR (t.status = 'used' AND p.entries = 0))
""",
)

ADMITTED_TICKETS = Check(
    name="admitted_tickets",
    subject=Subject.ADMISSION,
    sentence="somebody was let in with a ticket of another event or of an order that was never confirmed",
    sql="""
SELECT s.organization_id, o.id AS order_id, o.number, t.id AS ticket, s.client_id AS scan, s.result,
       s.event_id AS event, t.event_id AS event_of_ticket
FROM admission_scan s
JOIN orders_ticket t ON t.organization_id = s.organization_id AND t.id = s.ticket_id
JOIN orders_order o ON o.organization_id = t.organization_id AND o.id = t.order_id
WHERE OF(s) AND s.turn IS NOT NULL AND (s.event_id IS DISTINCT FROM t.event_id OR o.confirmed_at IS NULL)
""",
)

CONFLICTS = Check(
    name="door_conflicts",
    subject=Subject.ADMISSION,
    sentence="conflicts are kept of scans that were accepted",
    sql="""
SELECT c.organization_id, s.ticket_id AS ticket, s.client_id AS scan, s.kind, s.result, s.turn
FROM admission_conflict c
JOIN admission_scan s ON s.organization_id = c.organization_id AND s.id = c.scan_id
WHERE OF(c) AND (s.turn IS NOT NULL OR s.kind <> 'entry')
""",
)

CHECKS = (PRESENCES, TURNS, UNDONE_SCANS, USED_TICKETS, ADMITTED_TICKETS, CONFLICTS)
