"""A ticket that nobody bought, to see how tickets look: it is written nowhere, and no door believes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kassa.catalog.enums import EventKind
from kassa.catalog.models import Event, TicketType
from kassa.core.languages import Language
from kassa.orders.models import Order, Ticket
from kassa.organizations.models import OrganizationSettings
from kassa.seating.models import EventSeat
from kassa.tickets.domain.documents import pages_document
from kassa.tickets.domain.keys import KeyInUse
from kassa.tickets.domain.pages import TEMPLATE
from kassa.tickets.domain.printed import Printed
from kassa.tickets.domain.words import words_in
from kassa.tickets.models import TicketDesign
from kassa.typesetting.compiler import typeset

NOBODYS = UUID(int=0)
CODE = "SAMPLETCKT22"
KEY_ID = "00000000"
PRICE = Decimal("45.00")
LATER = timedelta(days=60)


def sample_pdf(
    settings: OrganizationSettings,
    design: TicketDesign,
    *,
    event: Event | None,
    language: str | None,
    now: datetime,
) -> bytes:
    """Return a ticket of an event, or of one that does not exist, in a design.

    Raises:
        typst.TypstError: a picture of the design cannot be drawn.
    """
    chosen = language or settings.default_language
    # A key that anybody may know: the code can be scanned, but no organisation has such a key.
    key = KeyInUse(KEY_ID, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    printed = _sample(settings, design, event or _event(chosen, now))
    data = pages_document(printed, key, language=chosen, mark=words_in(chosen)["sample"])
    return typeset(data, template=TEMPLATE, now=now)


def _sample(settings: OrganizationSettings, design: TicketDesign, event: Event) -> Printed:
    seat = EventSeat(id=NOBODYS, section="A", row="7", number="12")
    order = Order(
        id=NOBODYS,
        number="ORD-0000-00000",
        currency=event.currency,
        customer_first_name="Ada",
        customer_last_name="Lovelace",
        customer_email="",
    )
    ticket = Ticket(
        id=NOBODYS,
        order=order,
        event=event,
        ticket_type_id=NOBODYS,
        seat_id=NOBODYS,
        code=CODE,
        price_paid=PRICE,
        attendee_first_name="Ada",
        attendee_last_name="Lovelace",
    )
    return Printed(
        settings=settings,
        tickets=[ticket],
        orders={NOBODYS: order},
        events={event.id: event},
        ticket_types={NOBODYS: TicketType(id=NOBODYS, name="Standard")},
        seats={NOBODYS: seat},
        designs={None: design},
    )


def _event(language: str, now: datetime) -> Event:
    is_french = language == Language.FRENCH
    starts_at = (now + LATER).replace(hour=18, minute=30, second=0, microsecond=0)
    return Event(
        id=NOBODYS,
        kind=EventKind.EVENT,
        title="Une soirée à ne pas manquer" if is_french else "An Evening to Remember",
        short_description="",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        time_zone="Europe/Paris" if is_french else "Europe/London",
        venue_name="Grande salle" if is_french else "The Great Hall",
        address="1, place du Théâtre" if is_french else "1 Theatre Square",
        zip_code="00000",
        city="Villeneuve" if is_french else "Newtown",
        currency="EUR",
    )
