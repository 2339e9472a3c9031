"""An older system: its files, the organisation they go to, and short words for what a test does."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from kassa.catalog.models import Event, Product, TicketType
from kassa.core.clock import utc_now
from kassa.core.models import OutboxEvent
from kassa.core.spreadsheets import read_cell
from kassa.coupons.models import Coupon
from kassa.importers.batch import Result
from kassa.importers.formats import FORMATS
from kassa.importers.run import Job, stage_import
from kassa.inventory.models import Quota
from kassa.orders.models import Order, OrderHistory, OrderItem, Ticket
from kassa.organizations.models import Organization
from kassa.seating.domain.drawn import coach_plan
from kassa.seating.domain.plan import check_plan, expand
from kassa.seating.domain.seat_event import add_seats
from kassa.seating.models import EventSeat
from tests.support.factories import make_coupon, make_event, make_organization, make_product, make_ticket_type

BOUGHT_AT = "2024-05-31T18:30:00Z"


@dataclass
class OldSystem:
    """What it sold goes into one organisation; what is sold there is made when first asked for."""

    folder: Path
    organization: Organization = field(default_factory=make_organization)

    @cached_property
    def event(self) -> Event:
        return make_event(self.organization, capacity=100)

    @cached_property
    def standing(self) -> TicketType:
        return make_ticket_type(self.event, quantity=10)

    @cached_property
    def seated(self) -> TicketType:
        """A ticket type for the eight seats of a small coach."""
        add_seats(self.event, expand(check_plan(coach_plan(2))))
        return make_ticket_type(self.event, quantity=8, seat_category="standard", name="Seated")

    @cached_property
    def course(self) -> Event:
        event = make_event(self.organization, kind="course", one_per_customer=True, currency="USD")
        make_ticket_type(event, quantity=3)
        return event

    @cached_property
    def shirt(self) -> Product:
        return make_product(self.organization, stock=10, sku="SHIRT")

    @cached_property
    def coupon(self) -> Coupon:
        return make_coupon(self.organization, code="SPRING")

    def ticket(self, reference: str, **columns: Any) -> dict[str, str]:
        """Return a row of the file of tickets: a standing place for Ada, bought and paid."""
        ticket_type = columns.pop("type", None) or self.standing
        row = {
            "ticket_reference": reference,
            "purchase_reference": "P1",
            "customer_email": "ada@example.com",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "event": ticket_type.event_id,
            "ticket_type": ticket_type.id,
            "seat": "",
            "price": "45.00",
            "base_price": "",
            "currency": "EUR",
            "status": "valid",
            "coupon": "",
            "purchased_at": BOUGHT_AT,
        }
        return {name: str(value) for name, value in {**row, **columns}.items()}

    def booking(self, user: str = "user_ada", **columns: Any) -> dict[str, str]:
        """Return a row of the file of bookings: a paid place in the course."""
        row = {
            "user_id": user,
            "course_id": self.course.id,
            "payment_status": "PAID",
            "amount": 9900,
            "currency": "USD",
            "created_at": BOUGHT_AT,
            "stripe_payment_intent_id": "pi_1",
            "stripe_session_id": "cs_1",
        }
        return {name: str(value) for name, value in {**row, **columns}.items()}

    def item(self, number: str = "ORD-2024-00001", **columns: Any) -> dict[str, str]:
        """Return a row of the file of orders: two shirts, delivered."""
        row = {
            "order_number": number,
            "user_id": "user-1",
            "status": "DELIVERED",
            "product_sku": self.shirt.sku,
            "product_name": "Shirt, blue",
            "quantity": 2,
            "unit_price": "12.50",
            "subtotal": "25.00",
            "tax_amount": "2.50",
            "shipping_amount": "4.00",
            "discount_amount": "1.50",
            "total_amount": "30.00",
            "currency": "EUR",
            "tracking_number": "TRACK-1",
            "shipped_at": "2024-06-01T08:00:00Z",
            "delivered_at": "2024-06-03T10:00:00Z",
            "created_at": BOUGHT_AT,
        }
        return {name: str(value) for name, value in {**row, **columns}.items()}

    def write(self, *rows: dict[str, str], name: str = "old.csv") -> Path:
        """Write a file with the columns of its first row."""
        path = self.folder / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), restval="")
            writer.writeheader()
            writer.writerows(rows)
        return path

    def import_rows(self, kind: str, *rows: dict[str, str], **options: Any) -> tuple[int, int, int]:
        """Import a file of these rows; return how many orders were imported, present and rejected."""
        return self.import_file(kind, self.write(*rows), **options)

    def import_file(self, kind: str, path: Path, **options: Any) -> tuple[int, int, int]:
        """Import a file; return how many orders were imported, present and rejected."""
        values: dict[str, Any] = {"organization_id": self.organization.id, "system": kind, **options}
        with stage_import(Job(path=path, format=FORMATS[kind], **values)) as staged:
            for _ in staged.run(now=utc_now()):
                pass
        counts = staged.summary.orders
        return counts[Result.IMPORTED], counts[Result.PRESENT], counts[Result.REJECTED]

    def problems(self, name: str = "old.rejected.csv") -> list[tuple[int, str]]:
        """Return line and problem of each row in the report of rejected ones."""
        path = self.folder / name
        if not path.exists():
            return []
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [(int(row["line"]), read_cell(row["problem"])) for row in csv.DictReader(file)]

    @property
    def orders(self) -> list[Order]:
        return list(Order.objects.of(self.organization.id).order_by("number"))

    @property
    def order(self) -> Order:
        """The only order."""
        return Order.objects.of(self.organization.id).get()

    @property
    def tickets(self) -> list[Ticket]:
        return list(Ticket.objects.of(self.organization.id).order_by("id"))

    @property
    def items(self) -> list[OrderItem]:
        return list(OrderItem.objects.of(self.organization.id).order_by("id"))

    @property
    def history(self) -> Sequence[OrderHistory]:
        return list(OrderHistory.objects.of(self.organization.id).order_by("id"))

    def seat(self, row: str, number: str) -> EventSeat:
        return EventSeat.objects.of(self.organization.id).get(row=row, number=number)

    def told_of_imports(self) -> list[str]:
        """Return the types of events in the outbox that are about imported orders or their tickets."""
        orders = Order.objects.of(self.organization.id).filter(imported_from__isnull=False)
        ids = set(orders.values_list("id", flat=True))
        subjects = {f"orders/{order_id}" for order_id in ids}
        subjects |= {f"tickets/{ticket.id}" for ticket in self.tickets if ticket.order_id in ids}
        events = OutboxEvent.objects.of(self.organization.id).filter(subject__in=subjects)
        return list(events.values_list("type", flat=True))

    def let_capacity_be(self, capacity: int) -> None:
        """Change how many standing places there are."""
        assert self.standing.quota_id is not None
        Quota.objects.of(self.organization.id).filter(id=self.standing.quota_id).update(capacity=capacity)
