"""By what a visitor is counted who holds places: network, and account and mailbox, or browser and address."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest

from kassa.core.client_address import countable_address_in
from kassa.core.email_addresses import email_key, mailbox_key
from kassa.sales.domain.holders import HolderKind, build_holder_key
from kassa.storefront.account.session_user import buyer_of
from kassa.storefront.visitors.browsers import name_browser


def build_holders(
    request: HttpRequest, organization_id: UUID, *, passes: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return the keys of a visitor and of the waiting-room passes that let them by; none without rate limits.

    Whoever has signed in is counted apart from those who have not: people who share an address have that way
    on. Accounts are counted by their mailbox as well: by sub-addresses, anybody has as many as they like.
    """
    if not settings.RATE_LIMITS:
        return ()
    values = [(HolderKind.PASS, each) for each in passes]
    buyer, address = buyer_of(request), countable_address_in(request.META)
    if buyer is not None:
        values += [(HolderKind.USER, str(buyer.id)), (HolderKind.USER, mailbox_key(email_key(buyer.email)))]
        if address is not None:
            values.append((HolderKind.USERS_OF_NETWORK, address.network))
    else:
        values.append((HolderKind.BROWSER, name_browser(request, organization_id)))
        if address is not None:
            values += [(HolderKind.ADDRESS, address.host), (HolderKind.NETWORK, address.network)]
    return tuple(build_holder_key(kind, organization_id, value) for kind, value in values)


def build_unproven_holders(request: HttpRequest, organization_id: UUID) -> tuple[str, ...]:
    """Return the keys of a visitor who has proven no e-mail address; none of one who has."""
    buyer = buyer_of(request)
    if buyer is not None and EmailAddress.objects.filter(user=buyer, verified=True).exists():
        return ()
    return build_holders(request, organization_id)
