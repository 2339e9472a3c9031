"""By what a visitor of the shop's pages is counted while holding places; carts keep keyed hashes alone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from kassa.core.signatures import sign
from kassa.orders.enums import HOLDING
from kassa.orders.models import Order
from kassa.sales.enums import CartStatus
from kassa.sales.models import Cart

SALT = "kassa.sales.holders"


class HolderKind(StrEnum):
    """What is counted."""

    BROWSER = "browser"
    ADDRESS = "address"
    NETWORK = "network"
    USER = "user"
    """An account, or the mailbox behind its e-mail address, which several accounts may share."""
    USERS_OF_NETWORK = "users_network"
    """All who have signed in from one network, apart from those who have not."""
    PASS = "pass"  # noqa: S105 - the pass of a waiting room


ACCOUNTS = frozenset({HolderKind.USER, HolderKind.USERS_OF_NETWORK})
"""By what a visitor is counted who has signed in."""
NETWORKS = frozenset({HolderKind.NETWORK, HolderKind.USERS_OF_NETWORK})


def build_holder_key(kind: HolderKind, organization_id: UUID, value: str) -> str:
    """Return the key of one visitor at one organisation; nobody reads the value from it."""
    return f"{kind}:{sign(SALT, f'{organization_id}:{kind}:{value}').hex()}"


def parse_kind(key: str) -> HolderKind:
    """Return what a key counts."""
    return HolderKind(key.partition(":")[0])


def forget_holders(*, now: datetime) -> int:
    """Forget by what visitors were counted whose carts no longer hold places; return of how many carts."""
    unpaid = Order.unscoped.filter(
        Q(expires_at=None) | Q(expires_at__gt=now),
        organization_id=OuterRef("organization_id"),
        cart_id=OuterRef("id"),
        status__in=HOLDING,
    )
    carts = Cart.unscoped.exclude(holders=[]).exclude(status=CartStatus.ACTIVE)
    return carts.filter(~Exists(unpaid)).update(holders=[])
