"""Events on sale, and a browser without a screen that chooses from them."""

from __future__ import annotations

from typing import Any

from django.test import Client

from kassa.catalog.models import Event, Product, TicketType
from kassa.core.ttl_cache import clear_caches
from kassa.organizations.models import Organization
from kassa.sales.models import CartItem
from kassa.seating.domain.drawn import coach_plan
from kassa.seating.domain.plan import check_plan, expand
from kassa.seating.domain.seat_event import add_seats
from kassa.seating.models import EventSeat
from tests.support.factories import make_event, make_organization, make_ticket_type

HALL: dict[str, Any] = {
    "sections": [
        {
            "name": "Stalls",
            "rows": [
                {"name": name, "count": 10, "category": "front" if name == "A" else "back", "aisles": [5]}
                for name in "ABCD"
            ],
        },
        {"name": "Balcony", "rows": [{"name": "A", "count": 8, "category": "back"}]},
    ]
}


class Stage:
    """An organisation with one event, seen by one visitor."""

    def __init__(self, **event: Any) -> None:
        self.organization: Organization = make_organization()
        self.event: Event = make_event(self.organization, **event)
        self.browser = Client(raise_request_exception=False)

    @property
    def path(self) -> str:
        return f"/{self.organization.slug}/events/{self.event.id}"

    def seat_hall(self) -> tuple[TicketType, TicketType]:
        add_seats(self.event, expand(check_plan(HALL)))
        return (
            make_ticket_type(self.event, name="Front row", seat_category="front", price="60.00"),
            make_ticket_type(self.event, name="Seat", seat_category="back", max_per_order=4),
        )

    def seat_coach(self) -> tuple[TicketType, TicketType]:
        add_seats(self.event, expand(check_plan(coach_plan(4))))
        return (
            make_ticket_type(self.event, name="Adult", seat_category="standard", price="14.00"),
            make_ticket_type(
                self.event, name="Child", seat_category="standard", price="7.00", max_per_order=2
            ),
        )

    def seats(self) -> list[EventSeat]:
        found = EventSeat.objects.of(self.organization.id).filter(event=self.event)
        return list(found.order_by("rank"))

    def choose(self, values: dict[str, Any], path: str = "", **headers: Any) -> Any:
        """Send a choice as a browser does: again, if it is sent back to get a name."""
        clear_caches()
        address = f"{path or self.path}/choose"
        answer = self.browser.post(address, values, **headers)
        if answer.status_code == 307:
            answer = self.browser.post(answer["Location"], values, **headers)
        return answer

    def held(self) -> list[tuple[str, int, int]]:
        """Return what carts hold: names, how many, how many seats."""
        items = CartItem.unscoped.filter(organization=self.organization).order_by("id")
        return [
            ((item.ticket_type or item.product).name, item.quantity, len(item.seat_ids)) for item in items
        ]


def field(item: TicketType | Product, kind: str = "type") -> str:
    return f"{'product' if isinstance(item, Product) else kind}-{item.id}"
