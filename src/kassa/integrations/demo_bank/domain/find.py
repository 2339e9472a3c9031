"""Finding a payment by what somebody holds of it."""

from __future__ import annotations

from uuid import UUID

from kassa.core.errors import NotFound
from kassa.integrations.demo_bank.models import DemoPayment
from kassa.integrations.demo_bank.references import organization_in


def owner_of(reference: str) -> UUID:
    """Return the organisation that a reference names.

    Raises:
        NotFound: it is no reference of the demo bank.
    """
    organization_id = organization_in(reference)
    if organization_id is None:
        raise NotFound("There is no such demo payment.")
    return organization_id


def find_payment(reference: str) -> DemoPayment:
    """Return the payment of a page, with its organisation.

    Raises:
        NotFound: there is none.
    """
    found = (
        DemoPayment.objects.of(owner_of(reference))
        .filter(reference=reference)
        .select_related("organization")
        .first()
    )
    if found is None:
        raise NotFound("There is no such demo payment.")
    return found
