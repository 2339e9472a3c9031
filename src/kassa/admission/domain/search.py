"""Finding a ticket at the door by name, code, order number or e-mail address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kassa.admission.domain.answers import ticket_document
from kassa.admission.domain.download import STATUS_AT_THE_DOOR
from kassa.admission.models import CheckinList
from kassa.admission.queries import ticket_types_by_list
from kassa.core.clock import format_moment
from kassa.core.database import statements
from kassa.core.search_text import fold, like_pattern
from kassa.orders.domain.codes import tidy_code

MAX_FOUND = 20
MIN_LETTERS = 2
MAX_WORDS = 6

FIND = f"""
SELECT t.id AS ticket_id, t.code, {STATUS_AT_THE_DOOR.replace("%(now)s", "%s")} AS status,
       t.blocked_at IS NOT NULL OR t.frozen_at IS NOT NULL AS blocked,
       t.attendee_first_name, t.attendee_last_name, t.attendee_email, t.seat_label,
       t.ticket_type_id, tt.name AS ticket_type, o.number, o.customer_first_name, o.customer_last_name,
       coalesce(p.is_inside, false) AS inside, coalesce(p.entries, 0) AS entries, p.entered_at
FROM orders_ticket t
JOIN orders_order o ON o.organization_id = t.organization_id AND o.id = t.order_id
JOIN catalog_event e ON e.organization_id = t.organization_id AND e.id = t.event_id
JOIN catalog_tickettype tt ON tt.organization_id = t.organization_id AND tt.id = t.ticket_type_id
LEFT JOIN admission_presence p
  ON p.organization_id = t.organization_id AND p.ticket_id = t.id AND p.area = %s
CROSS JOIN LATERAL (SELECT concat_ws(' ', t.attendee_first_name, t.attendee_last_name, t.attendee_email,
    t.code, o.number, replace(o.number, '-', ''),
    o.customer_first_name, o.customer_last_name, o.customer_email,
    translate(concat_ws(' ', t.attendee_last_name, o.customer_last_name), '''\u2019-', '')) AS words OFFSET 0
) AS said
WHERE t.organization_id = %s AND t.event_id = %s AND (t.code = %s OR (
    CASE WHEN octet_length(said.words) = char_length(said.words) THEN lower(said.words)
         ELSE kassa_fold_letters(said.words) END LIKE ALL (%s::text[])))
ORDER BY t.code = %s DESC, t.attendee_last_name, t.attendee_first_name, t.id LIMIT {MAX_FOUND}
"""  # noqa: S608 - put together from constants


def search_tickets(checkin_list: CheckinList, words: str, *, now: datetime) -> list[dict[str, Any]]:
    """Return the tickets of a list's event in which all the words occur, at most twenty.

    With less than two letters nothing is found.
    """
    if len(words.strip()) < MIN_LETTERS:
        return []
    organization_id = checkin_list.organization_id
    parts = [like_pattern(word) for word in fold(words).split(" ")[:MAX_WORDS] if word]
    if not parts:
        return []
    code = tidy_code(words)
    rows = statements().queue(
        FIND, (now, checkin_list.area, organization_id, checkin_list.event_id, code, parts, code), named=True
    )
    covered = ticket_types_by_list(organization_id, [checkin_list.id]).get(checkin_list.id)
    return [
        _show(row, is_covered=covered is None or row.ticket_type_id in covered) for row in rows.fetchall()
    ]


def _show(row: Any, *, is_covered: bool) -> dict[str, Any]:
    return {
        **ticket_document(row, code=row.code),
        "blocked": row.blocked,
        "covered": is_covered,
        "inside": row.inside,
        "entries": row.entries,
        "entered_at": format_moment(row.entered_at),
    }
