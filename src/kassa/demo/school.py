"""A school in Chicago: evening courses and workshops, one booking per person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.catalog.enums import EventKind, LocationType
from kassa.demo.dates import at
from kassa.demo.houses import House, found_house
from kassa.demo.offers import (
    Staged,
    amount,
    goods,
    hand_out_coupons,
    levy_tax,
    percentage,
    stage_event,
    stock_products,
    ticket,
)
from kassa.demo.people import PEOPLE
from kassa.demo.posters import hang, put_up_sign
from kassa.demo.purchases import (
    CALLED_OFF,
    DONE,
    PAID,
    SENT,
    Purchase,
    hours,
    pieces,
    play_purchases,
    tickets,
)
from kassa.demo.questions import BORN, SHIRT, ask
from kassa.identity.enums import Role
from kassa.organizations.enums import Plan

SLUG = "foxglove-school-of-code"
ZONE = "America/Chicago"
PROFILE = {
    "name": "Foxglove School of Code",
    "slug": SLUG,
    "email": "courses@foxglove.example",
    "phone": "+1 312 555 0186",
    "website": "https://foxglove.example",
    "plan": Plan.BASIC,
    "address": {
        "line1": "845 West Randolph Street",
        "city": "Chicago",
        "state": "IL",
        "postal_code": "60607",
        "country": "US",
    },
}
SETTINGS = {
    "default_currency": "USD",
    "primary_color": "#5B2A86",
    "secondary_color": "#F7F3FB",
    "shipping_fee": Decimal("6.00"),
    "hold_minutes": 30,
    "max_payment_attempts": 3,
    "ticket_transfers_enabled": False,
    "refund_policy": "Full refund until seven days before the course; after that you may send a colleague.",
    "buyer_refunds_enabled": True,
    "buyer_refund_until_hours": 168,
    "legal_name": "Foxglove School of Code LLC",
    "tax_number": "36-4567890",
    "invoice_prefix": "FX",
}
STAFF = {
    Role.OWNER: "Rebecca Stein",
    Role.ADMIN: "Marcus Bell",
    Role.MANAGER: "Lucía Romero",
    Role.SUPPORT: "Aisha Karim",
    Role.ANALYST: "Tom Nakamura",
}
PLACE = {
    "venue_name": "Foxglove School",
    "address": "845 West Randolph Street",
    "city": "Chicago",
    "state": "IL",
    "zip_code": "60607",
    "country": "US",
}
PLACE_NAME = "Course place"


def load_school(*, now: datetime) -> House:
    """Found the school, put its courses on sale and book the first places."""
    house = found_house(PROFILE, settings=SETTINGS, staff=STAFF, zone=ZONE, now=now)
    tax = levy_tax(house, "Sales tax", "10.25", included=False)
    put_up_sign(house, "foxglove")
    courses = _courses(house, now)
    ask(house, courses["postgresql"], SHIRT)
    ask(house, courses["accessibility"], BORN)
    products = stock_products(
        house,
        [
            goods("FX-WORKBOOK", "Workbook: TypeScript in Forty Exercises", "18.00", stock=150, tax_rule=tax,
                  event=courses["typescript"].id, image=hang(house, "workbook", "A purple workbook"),
                  description="Spiral bound, with room to scribble and solutions at the back."),
            goods("FX-VIDEO", "Recording of the course", "25.00", is_shippable=False,
                  image=hang(house, "recording", "A film on a screen"),
                  description="To watch as often as you like, for a year. The link comes by e-mail."),
        ],
    )  # fmt: skip
    hand_out_coupons(house, _coupons(courses, now))
    play_purchases(house, _purchases(courses, products), now=now)
    return house


def _courses(house: House, now: datetime) -> dict[str, Staged]:
    """Put the courses on sale; the first two are the samples of the course booking system."""

    def day(days: int, clock: str) -> datetime:
        return at(now, days=days, clock=clock, zone=ZONE)

    def utc_day(days: int, clock: str) -> datetime:
        return at(now, days=days, clock=clock, zone="UTC")

    def course(price: str | None, capacity: int, **fields: Any) -> Staged:
        return stage_event(
            house, ticket(PLACE_NAME, price), capacity=capacity, kind=EventKind.COURSE, **{**PLACE, **fields}
        )

    return {
        "typescript": course(
            "99.00", 50,
            title="Introduction to TypeScript",
            short_description="Learn TypeScript fundamentals with hands-on exercises",
            description="Learn TypeScript fundamentals with hands-on exercises: forty of them, each a "
            "little harder than the one before. You should have written some JavaScript; by four o'clock "
            "the compiler is on your side. Bring a laptop.",
            featured_image=hang(house, "typescript", "Curly brackets within curly brackets"),
            category="Programming", tags=["typescript", "beginners"],
            starts_at=utc_day(14, "10:00"), ends_at=utc_day(14, "16:00"),
        ),
        "react": course(
            "149.00", 30,
            title="Advanced React Patterns",
            short_description="Master advanced React concepts and design patterns",
            description="Master advanced React concepts and design patterns: state that lives where it "
            "belongs, effects that end, and components that other people can use. For those who have built "
            "at least one application with it.",
            featured_image=hang(house, "react", "Three orbits round a star"),
            category="Programming", tags=["react", "advanced"],
            starts_at=utc_day(28, "14:00"), ends_at=utc_day(28, "20:00"),
        ),
        "postgresql": course(
            "129.00", 24,
            title="PostgreSQL for People Who Write Applications",
            short_description="Indexes that are used, locks that are short, queries you can explain to "
            "others.",
            description="A day with one database and a million rows. In the morning we read plans until "
            "they tell you something; in the afternoon two of us book the same seat until only one "
            "succeeds. With lunch, and a T-shirt.",
            featured_image=hang(house, "postgresql", "A stack of discs with a tree on top"),
            category="Databases", tags=["postgresql", "sql"],
            starts_at=day(19, "09:30"), ends_at=day(19, "17:00"),
        ),
        "accessibility": course(
            "189.00", 16,
            title="Workshop: Forms that Everyone Can Fill In",
            short_description="Bring a form of your own. By evening it works without a mouse and without "
            "eyes.",
            description="Bring a form of your own. By evening it works without a mouse and without eyes. On "
            "the second morning people who use screen readers every day try what you have made, and say "
            "what they think. Sixteen places.",
            featured_image=hang(house, "accessibility", "A form with one field in focus"),
            category="Design", tags=["accessibility", "workshop"],
            starts_at=day(23, "09:00"), ends_at=day(24, "13:00"),
        ),
        "git": course(
            None, 40,
            title="Git Without Fear: a Free Evening",
            short_description="What a commit is, what a branch is not, and how to get out of any mess.",
            description="What a commit is, what a branch is not, and how to get out of any mess you are in. "
            "Two hours online, with a repository that we break together. Free, and you may keep the "
            "slides.",
            featured_image=hang(house, "git", "Branches that part and meet again"),
            category="Tools", tags=["git", "free"],
            location_type=LocationType.VIRTUAL, virtual_event_url="https://foxglove.example/live/git",
            starts_at=day(6, "18:30"), ends_at=day(6, "20:30"),
        ),
        "testing": course(
            "79.00", 8,
            title="Tests Worth Keeping",
            short_description="Four evenings, fixed once the group is complete.",
            description="We take the tests you dread and rewrite them, one by one, until each says what it "
            "is for. Four evenings in a group of eight, on days that suit all of you.",
            featured_image=hang(house, "testing", "Many green ticks, and two red crosses"),
            category="Programming", tags=["testing", "small group"],
        ),
    }  # fmt: skip


def _coupons(courses: Mapping[str, Staged], now: datetime) -> list[dict[str, Any]]:
    days = timedelta(days=1)
    return [
        percentage("STUDENT30", "30", "For students; we ask for the card.", max_usage_per_user=4),
        amount("TWENTYOFF", "20.00", "Twenty dollars off from 120.", min_purchase_amount=Decimal(120)),
        percentage("TYPED", "15", "For the TypeScript course.", events=[courses["typescript"].id]),
        amount("WEBPAIR", "25.00", "For one of the two web courses.", max_usage_total=20,
               events=[courses["typescript"].id, courses["react"].id]),
        percentage("NEWYEAR", "20", "It was good in January.", ends_at=now - 30 * days),
        percentage("BACKTOSCHOOL", "20", "Good once school starts again.", starts_at=now + 45 * days),
        percentage("STAFF100", "100", "For our own people; switched off.", is_active=False),
    ]  # fmt: skip


def _purchases(courses: Mapping[str, Staged], products: Mapping[str, UUID]) -> list[Purchase]:
    place = {name: course.ticket_types[PLACE_NAME] for name, course in courses.items()}
    typescript, react = (tickets(place["typescript"]),), (tickets(place["react"]),)
    workbook, video = pieces(products["FX-WORKBOOK"]), pieces(products["FX-VIDEO"])
    small, evening = (tickets(place["testing"]),), (tickets(place["git"]),)
    return [
        Purchase(PEOPLE[2], typescript, hours(340), PAID, reference="user_clerk_123"),
        Purchase(PEOPLE[18], typescript, hours(290), PAID, coupon="TYPED"),
        Purchase(PEOPLE[21], (*typescript, workbook), hours(240), SENT, is_sent=True),
        Purchase(PEOPLE[6], (*typescript, video), hours(180), PAID),
        Purchase(PEOPLE[14], typescript, hours(110), CALLED_OFF),
        Purchase(PEOPLE[9], typescript, hours(60)),
        Purchase(PEOPLE[2], react, hours(170), PAID, reference="user_clerk_123"),
        Purchase(PEOPLE[12], react, hours(100), PAID, coupon="WEBPAIR"),
        Purchase(PEOPLE[6], react, hours(0.2)),
        Purchase(PEOPLE[3], (tickets(place["postgresql"], shirt_size="Medium"),), hours(140), PAID,
                 coupon="STUDENT30"),
        Purchase(PEOPLE[10], (tickets(place["postgresql"]),), hours(80), PAID),
        Purchase(PEOPLE[17], (tickets(place["accessibility"], date_of_birth="1991-03-08"),), hours(75), PAID,
                 coupon="TWENTYOFF"),
        *(Purchase(person, evening, hours(130 - nth)) for nth, person in enumerate(PEOPLE[:6])),
        *(Purchase(person, small, hours(220 - 7 * nth), PAID) for nth, person in enumerate(PEOPLE[11:18])),
        Purchase(PEOPLE[21], (video,), hours(300), DONE),
    ]  # fmt: skip
