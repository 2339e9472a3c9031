from __future__ import annotations

from typing import Any

import pytest

from kassa.catalog.models import Event, TicketType
from tests.api.nouns import EVENT, event
from tests.api.shop import NOBODYS, Shop, take

pytestmark = pytest.mark.django_db

TRIP: dict[str, Any] = {
    "kind": "trip",
    "title": "Leeds to York",
    "origin": "Leeds",
    "destination": "York",
    "vehicle": "Coach 7",
    "starts_at": "2998-07-01T06:00:00Z",
    "ends_at": "2998-07-01T23:30:00Z",
    "time_zone": "Europe/London",
}
FULL: dict[str, Any] = {
    "kind": "event",
    "title": "The Tempest",
    "description": "A play.",
    "short_description": "Play",
    "category": "theatre",
    "starts_at": "2998-12-31T23:30:00Z",
    "ends_at": "2999-01-01T01:30:00Z",
    "time_zone": "Europe/Berlin",
    "location_type": "hybrid",
    "venue_name": "Globe",
    "address": "1 Bankside",
    "city": "London",
    "state": "Greater London",
    "zip_code": "SE1",
    "country": "GB",
    "virtual_event_url": "https://example.org/live",
    "featured_image": "https://example.org/a.png",
    "gallery_images": ["https://example.org/b.png"],
    "visibility": "unlisted",
    "currency": "GBP",
    "sales_start_at": "2998-01-01T00:00:00Z",
    "sales_end_at": "2998-12-31T00:00:00Z",
    "seo_title": "Tempest",
    "seo_description": "Tickets",
    "tags": ["play"],
    "one_per_customer": True,
    "origin": "",
    "destination": "",
    "vehicle": "",
    "capacity": 20,
    "metadata": {"door": "B", "nested": {"list": [1, 2.5, None, True]}},
}


def test_an_event_keeps_every_field(shop: Shop) -> None:
    made = shop.post("/events", FULL)
    assert made.status == 201
    moments = {"starts_at", "ends_at", "sales_start_at", "sales_end_at"}
    shown = {name: made.body[name] for name in FULL if name not in moments}
    assert shown == {name: value for name, value in FULL.items() if name not in moments}
    assert made.body["starts_at"] == "2998-12-31T23:30:00Z"
    assert (made.body["start_date"], made.body["start_time"]) == ("2999-01-01", "00:30")
    assert (made.body["end_date"], made.body["end_time"]) == ("2999-01-01", "02:30")
    assert (made.body["status"], made.body["departs_at"]) == ("draft", None)
    assert (made.body["total_tickets_sold"], made.body["total_revenue"]) == (0, "0.00")
    assert made.body["organization_id"] == str(shop.organization_id)
    assert made.body["created_by"] == made.body["updated_by"]
    assert (made.body["created_by_kind"], made.body["updated_by_kind"]) == ("api_key", "api_key")


def test_a_trip_departs_and_arrives(shop: Shop) -> None:
    made = shop.post("/events", TRIP).body
    assert (made["departs_at"], made["arrives_at"]) == (made["starts_at"], made["ends_at"])
    assert (made["start_time"], made["end_date"], made["end_time"]) == ("07:00", "2998-07-02", "00:30")


def test_a_course_needs_no_date(shop: Shop) -> None:
    made = shop.post("/events", {"kind": "course", "title": "Typing"}).body
    assert (made["starts_at"], made["start_date"], made["start_time"]) == (None, None, None)
    assert made["one_per_customer"]


def test_ticket_types_come_with_their_event_in_order(shop: Shop) -> None:
    types = [
        {"name": "B", "price": "5", "sort_order": 2, "quantity": 3},
        {"name": "A", "is_free": True, "sort_order": 1},
    ]
    made = event(shop, capacity=2, ticket_types=types).body
    assert [one["name"] for one in made["ticket_types"]] == ["A", "B"]
    assert [one["available"] for one in made["ticket_types"]] == [2, 2]
    assert [one["quantity"] for one in made["ticket_types"]] == [None, 3]
    assert [one["price"] for one in made["ticket_types"]] == ["0.00", "5.00"]


def test_a_wrong_ticket_type_leaves_no_event(shop: Shop, other: Shop) -> None:
    rule = other.post("/tax-rules", {"name": "VAT", "rate": "19"}).body["id"]
    quota = other.post("/quotas", {"name": "Room", "capacity": 3}).body["id"]
    for wrong in ({"tax_rule": rule}, {"shared_quotas": [quota]}, {"price": "0.001"}, {"quantity": 2**31}):
        types = [{"name": "A", "price": "5", **wrong}]
        assert event(shop, ticket_types=types).status == 422
    assert shop.get("/events").body["items"] == []


@pytest.mark.parametrize(
    "moves", [["publish"], ["publish", "unpublish"], ["cancel"], ["publish", "complete"]], ids=" ".join
)
def test_it_says_who_gave_an_event_its_status(shop: Shop, moves: list[str]) -> None:
    made = event(shop).body
    Event.unscoped.update(updated_by=None, updated_by_kind=None)

    moved = [shop.post(f"/events/{made['id']}/{move}").body for move in moves][-1]

    assert (moved["updated_by"], moved["updated_by_kind"]) == (made["created_by"], "api_key")


def test_an_event_moves_and_says_from_where(shop: Shop) -> None:
    one = f"/events/{event(shop).body['id']}"
    for path, status in (
        ("publish", "published"),
        ("unpublish", "draft"),
        ("publish", "published"),
        ("complete", "completed"),
        ("publish", "published"),
        ("cancel", "cancelled"),
    ):
        moved = shop.post(f"{one}/{path}")
        assert (moved.status, moved.body["status"]) == (200, status)
    refused = shop.post(f"{one}/publish")
    assert (refused.status, refused.code) == (409, "event_move_not_allowed")
    assert refused.body["event_status"] == "cancelled"


@pytest.mark.parametrize("path", ["publish", "unpublish", "cancel", "complete", "ticket-types"])
def test_another_organisations_event_is_not_found(shop: Shop, other: Shop, path: str) -> None:
    theirs = event(other).body["id"]
    body = {"name": "A", "price": "5"} if path == "ticket-types" else None
    for wanted in (theirs, NOBODYS):
        assert shop.post(f"/events/{wanted}/{path}", body).status == 404
    assert shop.get(f"/events/{theirs}/ticket-types").status == 404
    assert other.get(f"/events/{theirs}").body["status"] == "draft"


def test_counters_are_told(shop: Shop) -> None:
    made = event(shop, capacity=8).body
    quota = TicketType.objects.of(shop.organization_id).get().quota_id
    take(quota, reserved=1, sold=2)
    shown = shop.get(f"/events/{made['id']}").body
    assert (shown["ticket_types"][0]["sold"], shown["ticket_types"][0]["available"]) == (2, 7)
    refused = shop.patch(f"/ticket-types/{made['ticket_types'][0]['id']}", {"quantity": 2})
    assert (refused.status, refused.code, refused.body["taken"]) == (409, "capacity_below_taken", 3)
    assert shop.delete(f"/events/{made['id']}").code == "still_in_use"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("kind=trip", ["Leeds to York"]),
        ("kind=event&visibility=unlisted", ["The Tempest"]),
        ("status=draft", ["Typing", "Leeds to York", "The Tempest"]),
        ("status=published", []),
        ("category=theatre", ["The Tempest"]),
        ("city=London", ["The Tempest"]),
        ("origin=Leeds&destination=York", ["Leeds to York"]),
        ("origin=York", []),
        ("origin=L\u00e9eds&destination=YORK", ["Leeds to York"]),
        ("starts_from=2998-07-01T06:00:00Z", ["Leeds to York", "The Tempest"]),
        ("starts_before=2998-07-01T06:00:01Z", ["Leeds to York"]),
        ("starts_before=2998-07-01T06:00:00Z", []),
        ("q=temp", ["The Tempest"]),
        ("q=%25", []),
    ],
)
def test_a_list_is_narrowed(shop: Shop, other: Shop, asked: str, found: list[str]) -> None:
    for body in (FULL, TRIP, {"kind": "course", "title": "Typing"}):
        assert shop.post("/events", body).status == 201
        assert other.post("/events", body).status == 201
    assert [item["title"] for item in shop.get(f"/events?{asked}").body["items"]] == found


@pytest.mark.parametrize("asked", ["kind=party", "starts_from=yesterday", "limit=0", "limit=201", "after=x"])
def test_a_wrong_question_is_refused(shop: Shop, asked: str) -> None:
    assert shop.get(f"/events?{asked}").status == 422


def test_null_takes_away_what_may_be_missing(shop: Shop) -> None:
    one = f"/events/{shop.post('/events', FULL).body['id']}"
    nulls = dict.fromkeys(("ends_at", "sales_start_at", "sales_end_at", "capacity"))
    changed = shop.patch(one, nulls)
    assert changed.status == 200
    assert {name: changed.body[name] for name in nulls} == nulls
    assert shop.patch(one, {"starts_at": None}).fields == ["starts_at"]


def test_seats_come_from_a_layout_or_a_plan(shop: Shop, other: Shop) -> None:
    plan = {"sections": [{"name": "Stalls", "rows": [{"name": "A", "count": 4, "category": "stalls"}]}]}
    types = [{"name": "Stalls", "price": "20", "seat_category": "stalls"}]
    layout = shop.post("/seat-layouts", {"name": "Hall", "plan": plan}).body["id"]
    theirs = other.post("/seat-layouts", {"name": "Hall", "plan": plan}).body["id"]
    for seating in ({"layout": layout}, {"plan": plan}):
        made = event(shop, ticket_types=types, seating=seating)
        assert (made.status, made.body["capacity"]) == (201, 4)
        assert made.body["ticket_types"][0]["available"] == 4
    assert event(shop, ticket_types=types, seating={"layout": theirs}).fields == ["seating.layout"]
    for seating in ({}, {"layout": layout, "plan": plan}):
        assert event(shop, ticket_types=types, seating=seating).fields == ["seating"]


def test_a_private_event_is_the_organisations_own_to_see(shop: Shop) -> None:
    made = shop.post("/events", {**EVENT, "visibility": "private"}).body
    assert shop.get(f"/events/{made['id']}").status == 200
