"""What the concert hall hands out and has sold: every kind of coupon, orders in every state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.demo.offers import Staged, amount, percentage
from kassa.demo.people import guests
from kassa.demo.purchases import (
    ARRIVED,
    CALLED_OFF,
    DONE,
    IN_WORK,
    PAID,
    SENT,
    Purchase,
    hours,
    pieces,
    tickets,
)
from kassa.orders.enums import OrderStatus


def hall_coupons(events: Mapping[str, Staged], *, now: datetime) -> list[dict[str, Any]]:
    """Return one coupon of every kind there is."""
    days = timedelta(days=1)
    return [
        percentage("WELCOME10", "10", "For your first order, whatever it is."),
        amount("FIVEOFF", "5.00", "Five euros off an order of at least 30.", min_purchase_amount=Decimal(30)),
        percentage("CLUB20", "20", "For the club night alone.", events=[events["club"].id]),
        percentage(
            "CLASSICS15",
            "15",
            "For the symphonies and the Passion.",
            events=[events["symphonies"].id, events["passion"].id],
        ),
        percentage("FRIENDS", "10", "For members of the friends' circle, five times.", max_usage_per_user=5),
        percentage("FIRST50", "25", "For the first fifty who use it.", max_usage_total=50),
        amount("LASTSEASON", "10.00", "It was good until the last season ended.", ends_at=now - 20 * days),
        percentage("NEXTSEASON", "15", "Good once the next season is on sale.", starts_at=now + 60 * days),
        percentage("PRESS100", "100", "For the press; switched off for now.", is_active=False),
    ]  # fmt: skip


def hall_purchases(events: Mapping[str, Staged], products: Mapping[str, UUID]) -> list[Purchase]:
    """Return what has been bought at the concert hall."""
    people = guests()
    club, symphonies = events["club"].ticket_types, events["symphonies"].ticket_types
    long_night = events["long_night"].ticket_types
    wine = events["vaults"].ticket_types["Seat with a glass of wine"]
    free = events["rehearsal"].ticket_types["Free seat"]
    stalls, student = symphonies["Stalls, adult"], symphonies["Stalls, student"]
    front, balcony = symphonies["First three rows"], symphonies["Balcony"]
    wristband, reduced = long_night["Wristband"], long_night["Reduced wristband"]
    poster, shirt, record = products["LH-POSTER"], products["LH-SHIRT-M"], products["LH-RECORD"]
    drink, programme = products["LH-DRINK"], products["LH-PROGRAMME"]
    return [
        *(Purchase(next(people), (tickets(wine, 6),), hours(900 - 50 * nth), PAID) for nth in range(4)),
        Purchase(next(people), (tickets(stalls, 2, seated=True), pieces(drink, 2)), hours(600), PAID,
                 coupon="WELCOME10"),
        Purchase(next(people), (tickets(front, 2, seated=True), pieces(programme)), hours(520), PAID),
        Purchase(next(people), (tickets(student, 3, seated=True),), hours(430), PAID, coupon="CLASSICS15"),
        Purchase(next(people), (tickets(balcony, 4, seated=True),), hours(390), CALLED_OFF),
        Purchase(next(people), (tickets(stalls, seated=True), tickets(student, seated=True)), hours(99),
                 PAID),
        Purchase(next(people), (tickets(club["Early bird"], 4),), hours(310), PAID, coupon="CLUB20"),
        Purchase(next(people), (tickets(club["Early bird"], 2), tickets(club["Regular"])), hours(260), PAID),
        Purchase(next(people), (tickets(club["Guest list"], 2),), hours(150), notes="With the lighting crew"),
        Purchase(next(people), (tickets(club["Backstage visit"], 2),), hours(30),
                 notes="My sister builds oscillators and would love to see the racks."),
        Purchase(next(people), (tickets(free, 4),), hours(120)),
        Purchase(next(people), (tickets(free, 2),), hours(70)),
        Purchase(next(people), (tickets(wristband, 2), tickets(reduced, 2)), hours(95), PAID,
                 coupon="FIRST50"),
        Purchase(next(people), (tickets(wristband, 10),), hours(48), PAID, coupon="FRIENDS"),
        Purchase(next(people), (tickets(wristband, 3),), hours(40)),
        Purchase(next(people), (tickets(reduced, 2),), hours(0.1)),
        Purchase(next(people), (tickets(stalls, 2, seated=True),), hours(0.2)),
        Purchase(next(people), (tickets(club["Regular"], 5),), hours(26), (OrderStatus.CANCELLED,)),
        Purchase(next(people), (pieces(poster), pieces(shirt)), hours(500), ARRIVED, is_sent=True),
        Purchase(next(people), (pieces(record, 2),), hours(410), (*ARRIVED, OrderStatus.COMPLETED),
                 is_sent=True),
        Purchase(next(people), (pieces(record), pieces(poster, 2)), hours(44), SENT, is_sent=True,
                 coupon="FIVEOFF"),
        Purchase(next(people), (pieces(shirt, 2),), hours(9), IN_WORK, is_sent=True, notes="Is M cut wide?"),
        Purchase(next(people), (tickets(balcony, 2, seated=True), pieces(drink)), hours(700), DONE),
    ]  # fmt: skip
