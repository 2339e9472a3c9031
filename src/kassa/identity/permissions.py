"""Which role is allowed what."""

from __future__ import annotations

from collections.abc import Iterable

from kassa.core.permissions import Permission
from kassa.identity.enums import Role

_ALL = frozenset(Permission)

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: _ALL,
    Role.ADMIN: _ALL - {Permission.API_KEY_WRITE},
    Role.MANAGER: frozenset(
        {
            Permission.OFFER_READ,
            Permission.OFFER_WRITE,
            Permission.ORDER_READ,
            Permission.ORDER_PLACE,
            Permission.ORDER_CANCEL,
            Permission.ORDER_MANAGE,
            Permission.PAYMENT_READ,
            Permission.PAYMENT_OPEN,
            Permission.PAYMENT_MANAGE,
            Permission.TICKET_READ,
            Permission.TICKET_WRITE,
            Permission.CHECKIN_SCAN,
            Permission.CHECKIN_READ,
            Permission.CHECKIN_WRITE,
            Permission.MESSAGE_READ,
            Permission.MESSAGE_WRITE,
            Permission.REFUND_WRITE,
            Permission.INVOICE_READ,
            Permission.COUPON_READ,
            Permission.COUPON_WRITE,
            Permission.ORGANIZATION_READ,
            Permission.MEMBER_READ,
        }
    ),
    Role.SUPPORT: frozenset(
        {
            Permission.OFFER_READ,
            Permission.ORDER_READ,
            Permission.ORDER_PLACE,
            Permission.ORDER_CANCEL,
            Permission.PAYMENT_READ,
            Permission.PAYMENT_OPEN,
            Permission.TICKET_READ,
            Permission.TICKET_WRITE,
            Permission.CHECKIN_SCAN,
            Permission.CHECKIN_READ,
            Permission.MESSAGE_READ,
            Permission.REFUND_WRITE,
            Permission.INVOICE_READ,
            Permission.COUPON_READ,
            Permission.ORGANIZATION_READ,
        }
    ),
    Role.ANALYST: frozenset(
        {
            Permission.OFFER_READ,
            Permission.ORDER_READ,
            Permission.PAYMENT_READ,
            Permission.INVOICE_READ,
            Permission.CHECKIN_READ,
            Permission.COUPON_READ,
            Permission.ORGANIZATION_READ,
        }
    ),
}
"""The five roles of event-platform.md. Only an owner hands out keys."""


def build_rights(role: Role | str | None, beside: Iterable[str]) -> frozenset[Permission]:
    """Return the rights of a role and those named beside it; names that no longer exist give no right."""
    named = frozenset(Permission(name) for name in beside if name in _ALL)
    return named if role is None else ROLE_PERMISSIONS[Role(role)] | named
