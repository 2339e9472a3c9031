"""A concert hall in Leipzig: a hall with numbered seats, a club in the basement, and a counter with goods."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from kassa.demo.concert_hall_sales import hall_coupons, hall_purchases
from kassa.demo.concert_hall_season import ZONE, plan_season
from kassa.demo.houses import House, found_house
from kassa.demo.offers import goods, hand_out_coupons, levy_tax, stock_products
from kassa.demo.posters import hang, put_up_sign
from kassa.demo.purchases import play_purchases
from kassa.demo.questions import ACCESS, STUDENT_CARD, ask
from kassa.identity.enums import Role
from kassa.organizations.enums import Plan

SLUG = "lindenhof-concert-hall"
PROFILE = {
    "name": "Lindenhof Concert Hall",
    "slug": SLUG,
    "email": "tickets@lindenhof.example",
    "phone": "+49 341 555 0140",
    "website": "https://lindenhof.example",
    "plan": Plan.PRO,
    "address": {
        "line1": "Lindenhofstraße 12",
        "city": "Leipzig",
        "state": "Sachsen",
        "postal_code": "04109",
        "country": "DE",
    },
}
SETTINGS = {
    "default_currency": "EUR",
    "primary_color": "#7A1F3D",
    "secondary_color": "#F2E8DC",
    "service_fee_percentage": Decimal("2.5"),
    "service_fee_fixed": Decimal("0.50"),
    "shipping_fee": Decimal("4.90"),
    "hold_minutes": 20,
    "refund_policy": "Tickets are taken back up to two days before the evening. Goods within 14 days.",
    "buyer_refunds_enabled": True,
    "buyer_refund_until_hours": 48,
    "legal_name": "Lindenhof Konzerthaus gGmbH",
    "tax_number": "231/140/05526",
    "vat_id": "DE314159265",
    "register_entry": "Amtsgericht Leipzig, HRB 31415",
    "invoice_prefix": "LH",
    "invoice_footer": "Lindenhof Konzerthaus gGmbH · IBAN DE89 3704 0044 0532 0130 00",
}
STAFF = {
    Role.OWNER: "Katharina Vogt",
    Role.ADMIN: "Emil Rademacher",
    Role.MANAGER: "Nadia Petrova",
    Role.SUPPORT: "Lukas Brandt",
    Role.ANALYST: "Ines Carvalho",
}


def load_concert_hall(*, now: datetime) -> House:
    """Found the concert hall, put its season on sale and sell the first of it."""
    house = found_house(PROFILE, settings=SETTINGS, staff=STAFF, zone=ZONE, now=now)
    tax = levy_tax(house, "VAT/TVA culture", "7")
    on_goods = levy_tax(house, "VAT/TVA", "19")
    put_up_sign(house, "lindenhof")
    events = plan_season(house, tax, now=now)
    products = stock_products(
        house,
        [
            goods("LH-POSTER", "Season poster, A2", "14.00", stock=200, tax_rule=on_goods,
                  image=hang(house, "season-poster", "A poster with arches in wine red"),
                  description="Screen print in two colours on heavy paper, rolled in a tube. Designed by Ida "
                  "Sommer, printed by hand in Plagwitz."),
            goods("LH-SHIRT-M", "Lindenhof T-shirt, M", "24.00", stock=60, tax_rule=on_goods,
                  image=hang(house, "shirt", "A wine-red T-shirt with a linden leaf"),
                  description="Organic cotton, wine red, with the linden leaf on the back. Cut straight; "
                  "wash it inside out."),
            goods("LH-SHIRT-L", "Lindenhof T-shirt, L", "24.00", stock=45, tax_rule=on_goods,
                  image=hang(house, "shirt", "A wine-red T-shirt with a linden leaf"),
                  description="Organic cotton, wine red, with the linden leaf on the back. Cut straight; "
                  "wash it inside out."),
            goods("LH-RECORD", "Live at Lindenhof, double LP", "32.00", stock=80, max_per_order=2,
                  tax_rule=on_goods, image=hang(house, "record", "A record, half out of its wine-red sleeve"),
                  description="Eight evenings of the last season on 180 gram vinyl, with a booklet and all "
                  "the applause."),
            goods("LH-PROGRAMME", "Programme book: Brahms and Dvořák", "6.00", stock=400, tax_rule=tax,
                  is_shippable=False, event=events["symphonies"].id,
                  image=hang(house, "programme", "A book with the numbers four and eight"),
                  description="Handed out at the cloakroom. 48 pages about all three symphonies."),
            goods("LH-DRINK", "Interval drink, ordered ahead", "7.50", stock=150, tax_rule=on_goods,
                  is_shippable=False, event=events["symphonies"].id,
                  image=hang(house, "interval-drink", "A glass with a slice of orange"),
                  description="Stands on your table when the interval begins: sparkling wine, or elderflower "
                  "for those who drive."),
        ],
    )  # fmt: skip
    hand_out_coupons(house, hall_coupons(events, now=now))
    ask(house, events["long_night"], ACCESS)
    play_purchases(house, hall_purchases(events, products), now=now)
    # Who bought before it was asked is let in as before: the card is looked at by the door.
    ask(house, events["symphonies"], STUDENT_CARD, events["symphonies"].ticket_types["Stalls, student"])
    return house
