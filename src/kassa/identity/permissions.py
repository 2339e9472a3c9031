"""All permission rules: what there is to be allowed, and which role is allowed what."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from kassa.identity.enums import Role


class Permission(StrEnum):
    """One right; the scopes of an API key are these same words."""

    OFFER_READ = "offer:read"
    OFFER_WRITE = "offer:write"
    ORDER_READ = "order:read"
    ORDER_PLACE = "order:place"
    ORDER_CANCEL = "order:cancel"
    ORDER_MANAGE = "order:manage"
    PAYMENT_READ = "payment:read"
    PAYMENT_OPEN = "payment:open"
    PAYMENT_MANAGE = "payment:manage"
    """Say that money has come in or gone back outside any provider; settle what could not be settled."""
    TICKET_READ = "ticket:read"
    """Read whole tickets with their QR codes, secret pages and files: as good as having them."""
    TICKET_WRITE = "ticket:write"
    """Change who a ticket is for, send it to another person, replace a lost one, block it."""
    CHECKIN_SCAN = "checkin:scan"
    """Let people in: what a device at the door may, and nothing else."""
    CHECKIN_READ = "checkin:read"
    CHECKIN_WRITE = "checkin:write"
    """Say at which doors who is let in when, and which devices may scan there."""
    MESSAGE_READ = "message:read"
    MESSAGE_WRITE = "message:write"
    """Write the texts of messages, and send one again."""
    REFUND_WRITE = "refund:write"
    INVOICE_READ = "invoice:read"
    """Read invoices and credit notes; one that was not issued yet is issued by asking for it."""
    PROVIDER_WRITE = "provider:write"
    PAYOUT_WRITE = "payout:write"
    COUPON_READ = "coupon:read"
    COUPON_WRITE = "coupon:write"
    ORGANIZATION_READ = "organization:read"
    ORGANIZATION_WRITE = "organization:write"
    MEMBER_READ = "member:read"
    MEMBER_WRITE = "member:write"
    API_KEY_READ = "api_key:read"
    API_KEY_WRITE = "api_key:write"
    SECURITY_READ = "security:read"
    """Read the security log: who signed in from where, and what was done to members and keys."""


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
