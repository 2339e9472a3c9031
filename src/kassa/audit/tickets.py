"""Tickets: one code opens the door for each, and the way each has gone is told as it was."""

from __future__ import annotations

from kassa.audit.check import Check, Subject

CODES = Check(
    name="codes",
    subject=Subject.ADMISSION,
    sentence="codes that have ended are codes of tickets",
    sql="""
SELECT f.organization_id, t.order_id, f.ticket_id AS ticket_it_was_of, t.id AS ticket, f.reason
FROM tickets_formercode f
JOIN orders_ticket t ON t.organization_id = f.organization_id AND t.code = f.code
WHERE OF(f)
""",
)

TRANSFERS = Check(
    name="transfers",
    subject=Subject.ADMISSION,
    sentence="tickets do not say to whom they went last, or kept a code that had to end",
    sql="""
WITH last AS (
    SELECT DISTINCT ON (a.organization_id, a.ticket_id)
           a.organization_id, a.ticket_id, a.to_email, a.ended_at,
           count(*) OVER (PARTITION BY a.organization_id, a.ticket_id) AS times
    FROM tickets_transfer a WHERE OF(a) AND a.status = 'accepted'
    ORDER BY a.organization_id, a.ticket_id, a.ended_code_position DESC
), ended AS (
    SELECT f.organization_id, f.ticket_id, count(*) AS times, count(a.id) AS by_transfers
    FROM tickets_formercode f
    LEFT JOIN tickets_transfer a ON a.organization_id = f.organization_id AND a.ticket_id = f.ticket_id
                                AND a.ended_code_position = f.position
    WHERE OF(f) AND f.reason = 'transferred' GROUP BY 1, 2
)
SELECT t.organization_id, t.order_id, t.id AS ticket, t.transferred_at, last.ended_at AS accepted_at,
       last.times AS accepted, ended.times AS codes_ended
FROM orders_ticket t
LEFT JOIN last ON last.organization_id = t.organization_id AND last.ticket_id = t.id
LEFT JOIN ended ON ended.organization_id = t.organization_id AND ended.ticket_id = t.id
WHERE OF(t) AND (t.transferred_at IS DISTINCT FROM last.ended_at
    OR t.transferred_to <> coalesce(last.to_email, '')
    OR coalesce(last.times, 0) <> coalesce(ended.times, 0) OR ended.by_transfers <> ended.times)
""",
)

CHECKS = (CODES, TRANSFERS)
