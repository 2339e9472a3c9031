"""What is in the demo, with the ids and keys that a first call needs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from kassa.catalog.enums import ProductStatus
from kassa.catalog.queries import events_of, products_of, view_events
from kassa.core.clock import utc_now
from kassa.core.money import format_amount
from kassa.coupons.queries import coupons_of
from kassa.demo.bookable import Listed, list_events
from kassa.demo.keys import demo_secrets
from kassa.demo.tenants import demo_organizations
from kassa.notifications.domain.mailbox import mailbox_url
from kassa.organizations.models import Organization


def describe_demo(*, base_url: str) -> dict[str, Any]:
    """Return the demo's organisations with what they sell, ready for JSON.

    The very first ticket type is one that anyone can order now. Makes a new key where the one
    in the file is lost or no longer good; changes nothing else.
    """
    now = utc_now()
    organizations = demo_organizations()
    secrets = demo_secrets(organizations, now=now)
    return {
        "base_url": base_url,
        "mailbox_url": mailbox_url(
            base_url, secret_key=settings.SECRET_KEY, transport=settings.MAIL_TRANSPORT
        ),
        "organizations": [_describe(each, secrets[each.id], now) for each in organizations],
    }


def _describe(organization: Organization, secret: str, now: datetime) -> dict[str, Any]:
    views = view_events(organization.id, list(events_of(organization.id)))
    products = products_of(organization.id).filter(status=ProductStatus.ACTIVE).order_by("id")
    coupons = coupons_of(organization.id).order_by("id")
    return {
        "id": str(organization.id),
        "slug": organization.slug,
        "name": organization.name,
        "api_key": secret,
        "events": [_describe_event(listed) for listed in list_events(views, now=now)],
        "products": [{"id": str(each.id), "sku": each.sku, "name": each.name} for each in products],
        "coupons": [{"code": code} for code in coupons.values_list("code", flat=True)],
    }


def _describe_event(listed: Listed) -> dict[str, Any]:
    event = listed.event
    return {
        "id": str(event.id),
        "title": event.title,
        "kind": event.kind,
        "ticket_types": [
            {
                "id": str(view.ticket_type.id),
                "name": view.ticket_type.name,
                "price": format_amount(view.ticket_type.price, event.currency),
            }
            for view in listed.ticket_types
        ],
    }
