"""Exports of other ticket systems: which of their columns is which of ours, and what their words mean.

Words that do not say what became of the money, such as Eventbrite's "Not Attending" and pretix's "canceled",
are left out: whoever imports the file says what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kassa.core.search_text import fold


@dataclass(frozen=True, slots=True)
class Source:
    """Where a column's value comes from: one heading, or several whose texts are joined."""

    headings: tuple[str, ...]
    joined_by: str = " "


def heading(name: str) -> Source:
    """Return the source that is one column of the file."""
    return Source((name,))


@dataclass(frozen=True, slots=True)
class Preset:
    """The files of one other system."""

    name: str
    label: str
    columns: Mapping[str, tuple[Source, ...]]
    """By our column, the sources that it may have; the first that the file has is taken."""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By our column, what folded words of theirs are here; an empty word is an empty cell."""
    nothing: frozenset[str] = frozenset()
    """What stands in cells that are empty."""

    def fits(self, headings: frozenset[str]) -> bool:
        """Say whether a file with these headings, folded, has all columns of the system."""
        needed = (sources for column, sources in self.columns.items() if column not in OPTIONAL)
        return all(any(is_in(one, headings) for one in sources) for sources in needed)


def is_in(source: Source, headings: frozenset[str]) -> bool:
    """Say whether a file with these headings, folded, has a source."""
    return all(fold(one) in headings for one in source.headings)


EVENTBRITE = Preset(
    name="eventbrite",
    label="Eventbrite (report of attendees)",
    columns={
        "ticket_reference": (heading("Attendee no."), heading("Attendee #"), heading("Attendee ID")),
        "purchase_reference": (heading("Order no."), heading("Order #"), heading("Order ID")),
        "purchased_at": (heading("Order Date"),),
        "customer_email": (heading("Buyer Email"), heading("Email")),
        "first_name": (heading("First Name"),),
        "last_name": (heading("Surname"), heading("Last Name")),
        "quantity": (heading("Quantity"), heading("Ticket Quantity")),
        "ticket_type": (heading("Ticket Type"),),
        "currency": (heading("Currency"),),
        "price": (heading("Total Paid"), heading("Ticket Price")),
        "status": (heading("Attendee Status"),),
    },
    words={"status": {"attending": "valid", "checked in": "used"}},
    nothing=frozenset({"Info Requested"}),
)
PRETIX = Preset(
    name="pretix",
    label="pretix (order data, positions)",
    columns={
        "ticket_reference": (Source(("Order code", "Position ID"), "-"),),
        "purchase_reference": (heading("Order code"),),
        "purchased_at": (Source(("Order date", "Order time")),),
        "customer_email": (heading("Email"), heading("E-mail")),
        "first_name": (heading("Attendee name: Given name"),),
        "last_name": (heading("Attendee name: Family name"), heading("Attendee name")),
        "ticket_type": (Source(("Product", "Variation")),),
        "price": (heading("Price"),),
        "status": (heading("Status"),),
        "seat": (Source(("Seat zone", "Seat row", "Seat number"), "/"),),
    },
    words={"status": {"paid": "valid", "pending": "draft"}},
)
TITO = Preset(
    name="tito",
    label="Tito (tickets)",
    columns={
        "ticket_reference": (heading("Ticket Reference"),),
        "purchase_reference": (heading("Order Reference"),),
        "purchased_at": (heading("Order Completed Date"), heading("Order Created Date")),
        "customer_email": (heading("Order Email"), heading("Ticket Email")),
        "first_name": (heading("Ticket First Name"),),
        "last_name": (heading("Ticket Last Name"),),
        "ticket_type": (heading("Ticket"), heading("Ticket Name")),
        "price": (heading("Price"), heading("Ticket Price")),
        "status": (heading("Void Status"), heading("Void")),
    },
    words={"status": {"": "valid", "false": "valid", "no": "valid"}},
    nothing=frozenset({"-"}),
)
PRESETS = {one.name: one for one in (EVENTBRITE, PRETIX, TITO)}
OPTIONAL = frozenset({"quantity", "seat", "first_name", "last_name", "currency", "purchase_reference"})
"""Columns that a file of the system need not have."""
