"""What the demo bank knows of people: who pays."""

from __future__ import annotations

from kassa.core.personal_data import Erasure, PersonalData, register

PAYMENTS = """
UPDATE demo_bank_demopayment SET customer_email = ''
WHERE organization_id = %(organization)s AND (
    lower(customer_email) = ANY(%(emails)s::text[]) OR order_number IN (
        SELECT number FROM orders_order
        WHERE organization_id = %(organization)s AND id = ANY(%(orders)s::uuid[])))
"""


def erase(erasure: Erasure) -> None:
    """Forget who paid."""
    erasure.execute(PAYMENTS)


register(PersonalData(app="demo_bank", erased={"demo_bank_demopayment": ("customer_email",)}, erase=erase))
