"""A shop in Austin: goods with a stock, a tax added to their prices, and parcels."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.catalog.enums import ProductStatus
from kassa.demo.houses import House, found_house
from kassa.demo.offers import amount, goods, hand_out_coupons, levy_tax, percentage, stock_products
from kassa.demo.people import guests
from kassa.demo.posters import hang, put_up_sign
from kassa.demo.purchases import (
    ARRIVED,
    DONE,
    IN_WORK,
    PAID,
    SENT,
    Purchase,
    hours,
    pieces,
    play_purchases,
)
from kassa.identity.enums import Role
from kassa.orders.enums import OrderStatus
from kassa.organizations.enums import Plan

SLUG = "copper-lane-electronics"
ZONE = "America/Chicago"
PROFILE = {
    "name": "Copper Lane Electronics",
    "slug": SLUG,
    "email": "orders@copperlane.example",
    "phone": "+1 512 555 0123",
    "website": "https://copperlane.example",
    "plan": Plan.FREE,
    "address": {
        "line1": "1710 South Congress Avenue",
        "city": "Austin",
        "state": "TX",
        "postal_code": "78704",
        "country": "US",
    },
}
SETTINGS = {
    "default_currency": "USD",
    "primary_color": "#A65A22",
    "secondary_color": "#FFF8F0",
    "shipping_fee": Decimal("10.00"),
    "hold_minutes": 60,
    "max_payment_attempts": 5,
    "refund_policy": "Send it back within 30 days, in its box.",
    "legal_name": "Copper Lane Electronics, Inc.",
    "tax_number": "74-2345678",
    "invoice_prefix": "CL",
}
STAFF = {
    Role.OWNER: "Walter Hayes",
    Role.ADMIN: "Sofia Reyes",
    Role.MANAGER: "Brenda Kowalski",
    Role.SUPPORT: "Jamal Wright",
    Role.ANALYST: "Linh Tran",
}


def load_shop(*, now: datetime) -> House:
    """Found the shop, fill its shelves and send the first parcels."""
    house = found_house(PROFILE, settings=SETTINGS, staff=STAFF, zone=ZONE, now=now)
    put_up_sign(house, "copper-lane")
    products = stock_products(house, _products(house, levy_tax(house, "Sales tax", "10", included=False)))
    hand_out_coupons(house, _coupons(now))
    play_purchases(house, _purchases(products), now=now)
    return house


def _products(house: House, tax: UUID) -> list[dict[str, Any]]:
    """Return what is on the shelves; the first two are the samples of the order service."""
    return [
        goods("MBP-16-001", 'MacBook Pro 16"', "2499.99", stock=25, max_per_order=2, tax_rule=tax,
              image=hang(house, "laptop", "An open laptop"),
              description="16-inch display, 36 GB of memory, 1 TB of storage, space black. Comes charged, "
              "with the cable."),
        goods("IPH-15P-001", "iPhone 15 Pro", "999.99", stock=60, max_per_order=3, tax_rule=tax,
              image=hang(house, "phone", "A telephone"),
              description="Titanium, 256 GB, unlocked for every network. We move your photos for you if you "
              "bring the old one."),
        goods("CBL-USBC-2M", "USB-C cable, 2 m", "19.00", stock=500, tax_rule=tax,
              image=hang(house, "cable", "A black cable, tied with leather"),
              description="Braided, for 240 watts, with a leather tie that does not get lost."),
        goods("SLV-WOOL-16", 'Wool sleeve for 16" laptops', "49.00", stock=80, tax_rule=tax,
              image=hang(house, "sleeve", "A grey sleeve with a wooden button"),
              description="Felted in Oregon, closed by a single wooden button. Keeps off rain, cats and "
              "elbows."),
        goods("STD-WALNUT", "Laptop stand, walnut", "79.00", stock=3, max_per_order=1, tax_rule=tax,
              image=hang(house, "stand", "A laptop on a stand of walnut"),
              description="Cut from one board, oiled by hand. The next ones come in spring."),
        goods("WTY-2Y", "Two more years of warranty", "149.00", is_shippable=False,
              image=hang(house, "warranty", "A shield with a tick"),
              description="For anything bought here; covers drops, spills and dogs. You get the papers by "
              "e-mail."),
        goods("HDP-OLD", "Wired headphones", "35.00", stock=12, tax_rule=tax, status=ProductStatus.INACTIVE,
              image=hang(house, "headphones", "Headphones with a cable"),
              description="No longer made. We keep the page for those who look for the manual."),
    ]  # fmt: skip


def _coupons(now: datetime) -> list[dict[str, Any]]:
    days = timedelta(days=1)
    return [
        percentage("HELLO5", "5", "Five per cent off your first order."),
        amount("FIFTYOFF", "50.00", "Fifty dollars off from 900.", min_purchase_amount=Decimal(900)),
        percentage("REGULARS", "8", "For those who come back, up to twelve times.", max_usage_per_user=12),
        amount("LAUNCH", "100.00", "For the first three orders of the new shop.", max_usage_total=3),
        percentage("CYBERWEEK", "15", "It was good for a week.",
                   starts_at=now - 17 * days, ends_at=now - 10 * days),
        percentage("SPRINGSALE", "12", "Good in the spring sale.",
                   starts_at=now + 40 * days, ends_at=now + 54 * days),
        percentage("FAMILY", "40", "For the family; switched off.", is_active=False),
    ]  # fmt: skip


def _purchases(products: Mapping[str, UUID]) -> list[Purchase]:
    people = guests()
    macbook, iphone = products["MBP-16-001"], products["IPH-15P-001"]
    cable, sleeve, stand = products["CBL-USBC-2M"], products["SLV-WOOL-16"], products["STD-WALNUT"]
    warranty = products["WTY-2Y"]

    def parcel(
        *lines: tuple[UUID, int], ago: float, moves: tuple[OrderStatus, ...] = (), **fields: Any
    ) -> Purchase:
        bought = tuple(pieces(product, quantity) for product, quantity in lines)
        return Purchase(next(people), bought, hours(ago), moves, is_sent=True, **fields)

    return [
        parcel((macbook, 1), ago=640, moves=ARRIVED),
        parcel((iphone, 1), ago=8, moves=IN_WORK),
        parcel((macbook, 1), (sleeve, 1), (cable, 2), ago=420, moves=ARRIVED, coupon="LAUNCH"),
        parcel((iphone, 2), ago=300, moves=(*ARRIVED, OrderStatus.COMPLETED), coupon="FIFTYOFF"),
        parcel((cable, 3), ago=90, moves=SENT, coupon="HELLO5"),
        parcel((stand, 1), (sleeve, 1), ago=55, moves=SENT, notes="Please ring twice."),
        parcel((stand, 1), ago=30, moves=PAID),
        parcel((sleeve, 1), ago=26, moves=(OrderStatus.CANCELLED,)),
        parcel((iphone, 1), (cable, 1), ago=70),
        parcel((macbook, 1), ago=0.3),
        Purchase(next(people), (pieces(warranty),), hours(200), DONE, coupon="REGULARS"),
    ]  # fmt: skip
