"""Which orders and tickets are a person's, whoever sold them.

These are the only reads that name a person instead of an organisation: a buyer is one person in front of
many sellers, and asks for what is theirs. Nobody else's page leads here; organisations and their staff see
their own rows through the queries of each domain. The indexes begin with the person for this.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower

from kassa.identity.models import LinkedIdentity, User
from kassa.orders.models import Order, Ticket


@dataclass(frozen=True, slots=True)
class Person:
    """All that by which orders and tickets are known to be somebody's."""

    user_id: UUID
    emails: tuple[str, ...]
    """Proven to be theirs, in lower case."""
    references: tuple[str, ...]
    """What services call them whose word Kassa takes."""


def person_of(user: User) -> Person:
    """Return by what a person is known; an address that is not proven says nothing."""
    addresses = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    subjects = LinkedIdentity.objects.filter(user=user).values_list("subject", flat=True)
    return Person(user.id, tuple(sorted(address.lower() for address in addresses)), tuple(sorted(subjects)))


def orders_of_person(person: Person) -> QuerySet[Order]:
    """Return the orders that a person placed: signed in, as a guest, or through a client that names them."""
    return Order.unscoped.alias(address=Lower("customer_email")).filter(_placed_by(person))


def tickets_of_person(person: Person) -> QuerySet[Ticket]:
    """Return the tickets a person holds: those of their orders not given away, and those made out to them."""
    bought = Ticket.unscoped.alias(address=Lower("order__customer_email")).filter(
        _placed_by(person, "order__"),
        # Said twice for the planner, whose indexes of tickets begin with it.
        organization_id=F("order__organization_id"),
        transferred_at__isnull=True,
    )
    made_out = Ticket.unscoped.alias(address=Lower("attendee_email")).filter(
        ~Q(attendee_email=""), address__in=person.emails
    )
    both = bought.values("id").union(made_out.values("id"), all=True)
    return Ticket.unscoped.filter(id__in=both)


def find_orders_by_email(email: str, *, organization_id: UUID | None) -> QuerySet[Order]:
    """Return the orders that were placed with an address, signed in or not. None: of all organisations.

    It was written to about each of them, so its reader may have their links again.
    """
    orders = Order.unscoped.alias(address=Lower("customer_email")).filter(address=email)
    return orders if organization_id is None else orders.filter(organization_id=organization_id)


def find_tickets_by_email(email: str, *, organization_id: UUID | None) -> QuerySet[Ticket]:
    """Return the tickets that are made out to an address and were bought with another one."""
    tickets = Ticket.unscoped.alias(
        address=Lower("attendee_email"), bought_with=Lower("order__customer_email")
    )
    tickets = tickets.filter(~Q(attendee_email=""), ~Q(bought_with=email), address=email)
    return tickets if organization_id is None else tickets.filter(organization_id=organization_id)


def _placed_by(person: Person, order: str = "") -> Q:
    is_guest = Q(**{f"{order}user__isnull": True})
    return (
        Q(**{f"{order}user_id": person.user_id})
        | (is_guest & Q(address__in=person.emails))
        | (is_guest & Q(**{f"{order}customer_reference__in": person.references}))
    )
