"""The jobs of accounts."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from kassa.core.clock import utc_now
from kassa.identity.domain.domain_log import WRITE_DOMAIN_MAIL
from kassa.identity.domain.invitations import WRITE_INVITATION
from kassa.organizations.enums import DomainChange
from kassa.storefront.account import order_links
from kassa.storefront.account.domain_mail import write_domain_mail
from kassa.storefront.account.invitation_mail import write_invitation_mail


@app.task(name=WRITE_INVITATION)
def write_invitation(organization_id: str, sealed: str) -> None:
    """Write the mail with the link of an invitation."""
    write_invitation_mail(UUID(organization_id), sealed, now=utc_now())


@app.task(name=WRITE_DOMAIN_MAIL)
def write_domain_change(organization_id: str, change: str, name: str) -> None:
    """Write to owners and admins that their domain is in danger, or lost."""
    write_domain_mail(UUID(organization_id), DomainChange(change), name, now=utc_now())


@app.task(name=order_links.SEND_ORDER_LINKS)
def send_order_links(sealed: str) -> None:
    """Write to somebody where their orders are."""
    order_links.send_order_links(sealed, now=utc_now())
