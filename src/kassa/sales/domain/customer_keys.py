"""The keys under which a customer is counted, where a coupon or an offer is limited for each customer.

One person may come as a user, as a guest, under a client's reference and with a sub-address. What they use
up counts under every key that is known of them, so that none of these is one more customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kassa.core.database import Statements
from kassa.core.email_addresses import email_key, mailbox_key
from kassa.identity.known_people import KnownPerson, find_people
from kassa.sales.domain.offers import SaleSettings
from kassa.sales.domain.quote import Quote
from kassa.sales.domain.request import Customer


def add_customer_keys(
    database: Statements, quotes: Sequence[Quote], *, merge_sub_addresses: bool
) -> list[Quote]:
    """Return quotes with the keys of their customers, where something is counted by customer.

    Costs one query, and none if nothing is counted.
    """
    customers = [quote.request.customer for quote in quotes if quote.is_counted]
    if not customers:
        return list(quotes)
    people = find_known_people(database, customers, merge_sub_addresses=merge_sub_addresses)
    return [
        replace(
            quote,
            customer_keys=build_customer_keys(
                quote.request.customer, people, merge_sub_addresses=merge_sub_addresses
            ),
        )
        if quote.is_counted
        else quote
        for quote in quotes
    ]


def count_customer(database: Statements, quote: Quote, settings: SaleSettings | None) -> Quote:
    """Return one quote with the keys of its customer; see :func:`add_customer_keys`."""
    merge = settings is not None and settings.merge_sub_addresses
    return add_customer_keys(database, [quote], merge_sub_addresses=merge)[0]


def find_known_people(
    database: Statements, customers: Iterable[Customer], *, merge_sub_addresses: bool
) -> list[KnownPerson]:
    """Find the users that some customers are, or whose proven addresses or references they name."""
    asked = list(customers)
    emails = {key for each in asked for key in _email_keys(each.email, merge_sub_addresses)}
    return find_people(
        database,
        user_ids={each.user_id for each in asked if each.user_id is not None},
        emails=emails,
        references={each.reference for each in asked if each.reference is not None},
    )


def build_customer_keys(
    customer: Customer, people: Iterable[KnownPerson], *, merge_sub_addresses: bool
) -> tuple[str, ...]:
    """Return all keys of a customer, their own one first; a customer nobody knows anything of has none."""
    typed = set(_email_keys(customer.email, merge_sub_addresses))
    keys = dict.fromkeys(_own_keys(customer))
    for person in people:
        is_theirs = (
            person.user_id == customer.user_id
            or customer.reference in person.references
            or not typed.isdisjoint(person.emails)
        )
        if is_theirs:
            keys[f"user:{person.user_id}"] = None
            keys.update(dict.fromkeys(f"reference:{reference}" for reference in person.references))
            typed.update(key for email in person.emails for key in _email_keys(email, merge_sub_addresses))
    keys.update(dict.fromkeys(f"email:{key}" for key in sorted(typed)))
    return tuple(keys)


def _own_keys(customer: Customer) -> Iterator[str]:
    if customer.user_id is not None:
        yield f"user:{customer.user_id}"
    if customer.reference is not None:
        yield f"reference:{customer.reference}"
    if customer.email:
        yield f"email:{email_key(customer.email)}"


def _email_keys(email: str, merge_sub_addresses: bool) -> tuple[str, ...]:
    if not email:
        return ()
    key = email_key(email)
    return (key, mailbox_key(key)) if merge_sub_addresses else (key,)
