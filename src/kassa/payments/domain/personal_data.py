"""What payments know of people: who paid, and what providers said of it."""

from __future__ import annotations

from kassa.core.personal_data import Erasure, PersonalData, register

TRANSACTIONS = """
UPDATE payments_transaction SET user_id = NULL
WHERE organization_id = %(organization)s AND user_id = %(user)s
"""
WEBHOOKS = """
UPDATE payments_webhookevent SET body = '{}'
WHERE organization_id = %(organization)s AND status IN ('settled', 'ignored') AND (
    order_id = ANY(%(orders)s::uuid[])
    OR EXISTS (SELECT FROM unnest(%(emails)s::text[]) AS e WHERE position(e IN lower(body)) > 0))
"""


def erase(erasure: Erasure) -> None:
    """Forget who paid; the sums stay. Messages of providers that are still to be settled stay too."""
    erasure.execute(TRANSACTIONS, WEBHOOKS)


register(PersonalData(app="payments", erased={"payments_webhookevent": ("body",)}, erase=erase))
