"""Erasing a person: their account, and who they are on all that they bought, wherever that was.

Orders, tickets and payments stay, about nobody: the books have to add up, and a ticket that is valid lets
in whoever has it. Invoices stay as they were issued. Each domain forgets its own rows, as it has registered.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q

from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.erasure import rewrite_events
from kassa.core.personal_data import Erasure
from kassa.identity.domain.members import leave_organization
from kassa.identity.domain.personal_data import erase_account
from kassa.identity.enums import Role
from kassa.identity.models import User
from kassa.identity.queries import list_memberships, members_of
from kassa.invoices.domain.issue import invoice_of_order, is_invoiced
from kassa.orders.enums import CANCELLABLE, HOLDING, OrderStatus
from kassa.privacy.errors import OnlyOwner, OrdersUnderWay
from kassa.privacy.register import list_personal_data
from kassa.privacy.told import without_person
from kassa.privacy.whose import Person, orders_of_person, person_of, tickets_of_person

TO_SEND = (OrderStatus.CONFIRMED, OrderStatus.PROCESSING, OrderStatus.PARTIALLY_REFUNDED)


def erase_person(user: User, *, now: datetime) -> None:
    """Erase a person everywhere, one organisation after the other, and in the end their account.

    Begun and broken off, it is simply done again: what is erased already is not found any more.

    Raises:
        OnlyOwner: an organisation would be left without an owner.
        OrdersUnderWay: something is still to be paid or sent. Then nothing was done.
    """
    person = person_of(user)
    _require_other_owners(user)
    _require_nothing_under_way(person, now=now)
    for member in list_memberships(user):
        own = Actor.member(member.organization_id, user.id, frozenset())
        leave_organization(CommandContext(own, now), user=user)
    for organization_id in _known_to(person):
        _erase_within(organization_id, person, now=now)
    erase_account(user, emails=person.emails, now=now)


def _erase_within(organization_id: UUID, person: Person, *, now: datetime) -> None:
    with transaction.atomic():
        mine = orders_of_person(person).filter(organization_id=organization_id)
        for order in mine.filter(billing_address__isnull=False).order_by("id"):
            if is_invoiced(order):  # what was asked for on an invoice can be put on none later
                invoice_of_order(organization_id, order.id, now=now)
        rows_of_mine = mine.order_by("id").select_for_update(no_key=True)
        orders = dict(rows_of_mine.values_list("id", "customer_email"))
        tickets = tickets_of_person(person).filter(organization_id=organization_id)
        typed = sorted({*person.emails, *(email.lower() for email in orders.values())})
        erasure = Erasure(
            organization_id=organization_id,
            user_id=person.user_id,
            emails=person.emails,
            typed_emails=tuple(typed),
            order_ids=tuple(orders),
            ticket_ids=tuple(tickets.values_list("id", flat=True)),
            salt=secrets.token_hex(16),
            now=now,
        )
        for data in list_personal_data():
            if data.erase is not None:
                data.erase(erasure)
        rewrite_events(erasure, partial(_forget, erasure))


def _forget(erasure: Erasure, envelope: str) -> str:
    """Return an event about nobody; what was typed by somebody else is theirs in events of other orders."""
    is_mine = any(str(order_id) in envelope for order_id in erasure.order_ids)
    return without_person(envelope, erasure.typed_emails if is_mine else erasure.emails)


def _known_to(person: Person) -> list[UUID]:
    """Return the organisations that know a person: they have orders of theirs, or a domain says so."""
    found = set(orders_of_person(person).values_list("organization_id", flat=True).distinct())
    parameters: dict[str, Any] = {"emails": list(person.emails), "user": person.user_id}
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ".join(data.known_in for data in list_personal_data() if data.known_in), parameters
        )
        found.update(organization_id for (organization_id,) in cursor.fetchall())
    return sorted(found)


def _require_other_owners(user: User) -> None:
    names = [
        member.organization.name
        for member in list_memberships(user)
        if member.role == Role.OWNER
        and not members_of(member.organization_id).filter(role=Role.OWNER).exclude(user=user).exists()
    ]
    if names:
        raise OnlyOwner(names)


def _require_nothing_under_way(person: Person, *, now: datetime) -> None:
    unpaid = Q(status__in=HOLDING) & (Q(expires_at__isnull=True) | Q(expires_at__gt=now))
    to_send = Q(
        status__in=TO_SEND,
        fulfilment_status__in=CANCELLABLE,
        items__is_shippable=True,
        items__quantity__gt=F("items__refunded_quantity"),
    )
    found = orders_of_person(person).filter(unpaid | to_send)
    if numbers := sorted(set(found.values_list("number", flat=True)[:20])):
        raise OrdersUnderWay(numbers)
