"""All that Kassa knows of a person, as one file: JSON, and the files they have sent."""

from __future__ import annotations

import io
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower

from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import SecurityEventKind
from kassa.identity.models import Invitation, LinkedIdentity, User
from kassa.identity.queries import list_account_events
from kassa.invoices.models import Invoice
from kassa.notifications.models import Message, SuppressedAddress
from kassa.orders.domain.document import serialize_order
from kassa.orders.models import Order, Upload
from kassa.orders.queries import list_order_views
from kassa.organizations.models import Organization
from kassa.privacy.whose import Person, orders_of_person, person_of, tickets_of_person
from kassa.sales.models import Cart
from kassa.tickets.models import Transfer


def export_person(user: User, *, now: datetime) -> bytes:
    """Return a ZIP with ``data.json`` and the uploaded files. Copies that only machines read are left out."""
    person = person_of(user)
    orders = list(orders_of_person(person).order_by("id"))
    uploads = _of_orders(Upload, orders).order_by("id")
    names = dict(Organization.objects.values_list("id", "name").filter(id__in=_sellers(person, orders)))
    data = {
        "exported_at": now.isoformat(),
        "account": _account(user),
        "orders": _orders(orders, names, now=now),
        "tickets": _rows(tickets_of_person(person).order_by("id"), TICKET, names),
        "transfers": _rows(_by(Transfer, person, "from_email", "to_email"), TRANSFER, names),
        "messages": _rows(_by(Message, person, "recipient"), MESSAGE, names),
        "carts": _rows(_carts(person), ("created_at", "status", "customer"), names),
        "invoices": _rows(_of_orders(Invoice, orders), ("number", "issued_at", "snapshot"), names),
        "not_written_to": _rows(_by(SuppressedAddress, person, "address"), ("address", "reason"), names),
        "invitations": _rows(_by(Invitation, person, "email"), INVITATION, names),
        "files": [{"name": one.name, "created_at": one.created_at} for one in uploads],
    }
    record_security_event(SecurityEventKind.ACCOUNT_EXPORTED, now=now, user_id=user.id)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", orjson.dumps(data, option=orjson.OPT_INDENT_2, default=str))
        for number, upload in enumerate(uploads, start=1):
            archive.writestr(f"files/{number}-{upload.name}", bytes(upload.content))
    return packed.getvalue()


TICKET = (
    "code", "status", "seat_label", "attendee_first_name", "attendee_last_name", "attendee_email",
    "attendee_phone", "attendee_fields", "transferred_from", "transferred_to", "created_at",
)  # fmt: skip
TRANSFER = ("status", "from_name", "from_email", "to_name", "to_email", "message", "offered_at", "ended_at")
INVITATION = ("email", "name", "role", "status", "created_at", "ended_at")
MESSAGE = ("kind", "recipient", "recipient_name", "subject", "text", "created_at", "sent_at", "error")


def _account(user: User) -> dict[str, Any]:
    addresses = EmailAddress.objects.filter(user=user).order_by("email")
    keys = Authenticator.objects.filter(user=user).order_by("id")
    return {
        "name": user.name,
        "email": user.email,
        "avatar": user.avatar,
        "language": user.language,
        "status": user.status,
        "created_at": user.created_at,
        "last_active_at": user.last_active_at,
        "addresses": list(addresses.values("email", "verified", "primary")),
        "ways_in": [
            {
                "kind": key.type,
                "name": str(key),
                "created_at": key.created_at,
                "last_used_at": key.last_used_at,
            }
            for key in keys
        ],
        "elsewhere": [
            *LinkedIdentity.objects.filter(user=user).values("issuer", "subject", "created_at"),
            *SocialAccount.objects.filter(user=user).values("provider", "uid", "extra_data", "date_joined"),
        ],
        "devices": list(
            UserSession.objects.filter(user=user).values("ip", "user_agent", "created_at", "last_seen_at")
        ),
        "activity": list(
            list_account_events(user).values("kind", "created_at", "address", "user_agent", "details")
        ),
        "memberships": list(user.memberships.values("organization__name", "role", "created_at")),
    }


def _orders(orders: Iterable[Order], names: dict[UUID, str], *, now: datetime) -> list[dict[str, Any]]:
    by_seller: dict[UUID, list[Order]] = defaultdict(list)
    for order in orders:
        by_seller[order.organization_id].append(order)
    return [
        {"organization": names[organization_id], **serialize_order(view)}
        for organization_id, theirs in by_seller.items()
        for view in list_order_views(organization_id, theirs, now=now)
    ]


def _rows(rows: QuerySet[Any], fields: tuple[str, ...], names: dict[UUID, str]) -> list[dict[str, Any]]:
    found = rows.values("organization_id", *fields)
    return [{"organization": names.get(row.pop("organization_id"), ""), **row} for row in found]


def _by(model: Any, person: Person, *fields: str) -> QuerySet[Any]:
    """Return the rows in which one of a person's addresses stands, in any case."""
    lower = {f"{field}_lower": Lower(field) for field in fields}
    theirs = Q()
    for name in lower:
        theirs |= Q(**{f"{name}__in": person.emails})
    found: QuerySet[Any] = model.unscoped.alias(**lower).filter(theirs).order_by("id")
    return found


def _of_orders(model: Any, orders: list[Order]) -> QuerySet[Any]:
    sellers = {order.organization_id for order in orders}
    ids = [order.id for order in orders]
    found: QuerySet[Any] = model.unscoped.filter(organization_id__in=sellers, order_id__in=ids)
    return found


def _carts(person: Person) -> QuerySet[Cart]:
    theirs = Q(user_id=person.user_id) | Q(address__in=person.emails)
    return (
        Cart.unscoped.alias(address=Lower(KeyTextTransform("email", "customer")))
        .filter(theirs)
        .order_by("id")
    )


def _sellers(person: Person, orders: list[Order]) -> set[UUID]:
    others = (
        tickets_of_person(person),
        _by(Transfer, person, "from_email", "to_email"),
        _by(Message, person, "recipient"),
        _by(SuppressedAddress, person, "address"),
        _by(Invitation, person, "email"),
        _carts(person),
    )
    known = {order.organization_id for order in orders}
    return known.union(
        *(rows.order_by().values_list("organization_id", flat=True).distinct() for rows in others)
    )
