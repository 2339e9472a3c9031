"""The whole sale against a model of it: after every step the tables say what the model expects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kassa.catalog.models import TicketTypeQuota
from kassa.core.clock import utc_now
from kassa.core.errors import KassaError
from kassa.inventory.enums import QuotaKind
from kassa.inventory.models import Quota
from kassa.orders.domain.change import approve_order, reject_order
from kassa.orders.enums import ORDER_MOVES, STAFF_MOVES, OrderStatus
from kassa.orders.models import Order, Ticket
from kassa.payments.domain.manual_status import cancel_order, change_status
from kassa.sales.domain.expire import release_overdue
from kassa.sales.domain.outcome import Outcome, Placed
from kassa.sales.domain.place import place_orders
from kassa.sales.domain.request import Customer, OrderRequest
from tests.sales.people import make_person
from tests.support.books import assert_books_balance
from tests.support.factories import (
    line,
    make_coupon,
    make_event,
    make_product,
    make_quota,
    make_ticket_type,
    order_request,
)
from tests.support.sale_world import ADDRESS, World

HOLD = timedelta(minutes=30)
APPROVAL = timedelta(hours=72)
CAPACITY = {
    "adult": 5,
    "child": 4,
    "room": 7,
    "asked": 3,
    "asked_free": 2,
    "free": 3,
    "course": 2,
    "shirt": 4,
    "limited": 6,
    "poster": 6,
    "seat": 8,
}
"""Of each quota. The adult's and the child's places share the room."""
DRAWS_ON = {kind: (kind,) for kind in CAPACITY} | {"adult": ("adult", "room"), "child": ("child", "room")}
USES_EACH, USES_IN_ALL = 1, 3
MOST_EACH = {"course": 1, "limited": 3, "poster": 3}
"""How many each customer may have, over all orders."""
CUSTOMERS = ("ada", "bob", "eve")
GUISES = ("guest", "sub-address", "other address", "user", "reference")
"""As what one and the same person may come."""
HOLDING = {"draft", "pending"}
ON_THE_WAY = {
    "confirmed": OrderStatus.PROCESSING,
    "processing": OrderStatus.SHIPPED,
    "shipped": OrderStatus.DELIVERED,
    "delivered": OrderStatus.COMPLETED,
}
SHIPPED = {"shipped", "delivered", "completed"}


@dataclass(frozen=True)
class Wish:
    """What a buyer asks for: so many of each kind, perhaps one seat by name, perhaps with the coupon."""

    customer: str
    guise: str
    quantities: dict[str, int]
    named_seat: int | None
    coupon: bool


@dataclass
class Bought:
    """An order as the model has it."""

    wish: Wish
    status: str
    approval: str
    expires_at: datetime | None
    request: OrderRequest
    seats: set[UUID] = field(default_factory=set)

    @property
    def is_live(self) -> bool:
        return self.status not in ("cancelled", "expired")

    def is_overdue(self, now: datetime) -> bool:
        return self.status in HOLDING and self.expires_at is not None and self.expires_at <= now


def wishes() -> st.SearchStrategy[Wish]:
    quantities = st.dictionaries(
        st.sampled_from([kind for kind in CAPACITY if kind != "room"]),
        st.integers(1, 3),
        min_size=1,
        max_size=3,
    )
    return st.builds(
        lambda customer, guise, wanted, seat, coupon: Wish(
            customer, guise, _possible(wanted, seat), seat if wanted.get("seat") else None, coupon
        ),
        st.sampled_from(CUSTOMERS),
        st.sampled_from(GUISES),
        quantities,
        st.none() | st.integers(0, CAPACITY["seat"] - 1),
        st.booleans(),
    )


def _possible(quantities: dict[str, int], seat: int | None) -> dict[str, int]:
    """One place of a course each, and one seat where it is named: else it is refused unread."""
    single = {"course"} | ({"seat"} if seat is not None else set())
    return {kind: 1 if kind in single else count for kind, count in quantities.items()}


class SaleMachine(RuleBasedStateMachine):
    """Sells, holds, confirms and gives back, and knows at every moment what must be left."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.begun_at = utc_now()
        self.world = World()
        self.organization_id = self.world.organization.id
        self.orders: dict[UUID, Bought] = {}
        self.people = {name: make_person(name) for name in CUSTOMERS}
        self._make_offer()

    def _make_offer(self) -> None:
        organization, event = self.world.organization, make_event(self.world.organization)
        price = Decimal("19.99")
        seated = self.world.seated
        self.seats = [seat.id for seat in self.world.seats][: CAPACITY["seat"]]
        type(self.world.seats[0]).unscoped.filter(organization=organization).exclude(
            id__in=self.seats
        ).update(status="blocked")
        Quota.unscoped.filter(id__in=[seated.quota_id]).update(capacity=CAPACITY["seat"])
        course = make_event(organization, one_per_customer=True)
        self.offer: dict[str, Any] = {
            "adult": make_ticket_type(event, quantity=CAPACITY["adult"], price=price),
            "child": make_ticket_type(event, quantity=CAPACITY["child"], price=Decimal("7.77")),
            "asked": make_ticket_type(event, quantity=CAPACITY["asked"], price=price, requires_approval=True),
            "asked_free": make_ticket_type(
                event, quantity=CAPACITY["asked_free"], price=0, requires_approval=True
            ),
            "free": make_ticket_type(event, quantity=CAPACITY["free"], price=0),
            "course": make_ticket_type(course, quantity=CAPACITY["course"], price=price),
            "shirt": make_product(organization, stock=CAPACITY["shirt"], is_shippable=True),
            "limited": make_ticket_type(
                event, quantity=CAPACITY["limited"], price=price, max_per_customer=MOST_EACH["limited"]
            ),
            "poster": make_product(
                organization, stock=CAPACITY["poster"], max_per_customer=MOST_EACH["poster"]
            ),
            "seat": seated,
        }
        room = make_quota(organization, CAPACITY["room"], QuotaKind.SHARED)
        for kind in ("adult", "child"):
            TicketTypeQuota.unscoped.create(
                organization=organization, ticket_type=self.offer[kind], quota=room
            )
        self.quotas = {kind: offered.quota_id for kind, offered in self.offer.items()} | {"room": room.id}
        self.coupon = make_coupon(organization, max_usage_per_user=USES_EACH, max_usage_total=USES_IN_ALL)

    # The model: what is taken, and what an order may expect.

    def taken(self, statuses: set[str] | None = None) -> Counter[str]:
        """Return the places of each quota that orders in these states have; without states, live ones."""
        counted: Counter[str] = Counter()
        for order in self.orders.values():
            if order.status in statuses if statuses is not None else order.is_live:
                for kind, quantity in order.wish.quantities.items():
                    for quota in DRAWS_ON[kind]:
                        counted[quota] += quantity
        return counted

    def live(self) -> list[Bought]:
        return [order for order in self.orders.values() if order.is_live]

    def expected_refusal(self, wish: Wish) -> str | None:
        """Return the code with which the model refuses an order; None: it has room for it."""
        taken, needed = self.taken(), Counter[str]()
        for kind, quantity in wish.quantities.items():
            for quota in DRAWS_ON[kind]:
                needed[quota] += quantity
        if any(taken[quota] + count > CAPACITY[quota] for quota, count in needed.items()):
            return "sold_out"
        mine = [order for order in self.live() if order.wish.customer == wish.customer]
        for kind, most in MOST_EACH.items():
            asked = wish.quantities.get(kind, 0)
            if asked and sum(order.wish.quantities.get(kind, 0) for order in mine) + asked > most:
                return "already_booked" if kind == "course" else "limit_per_customer"
        if wish.coupon:
            if sum(order.wish.coupon for order in mine) >= USES_EACH:
                return "coupon_used"
            if sum(order.wish.coupon for order in self.live()) >= USES_IN_ALL:
                return "coupon_exhausted"
        if wish.named_seat is not None and any(
            self.seats[wish.named_seat] in order.seats for order in self.live()
        ):
            return "seat_taken"
        return None

    def expire_in_model(self) -> int:
        overdue = [order for order in self.orders.values() if order.is_overdue(self.now)]
        for order in overdue:
            order.status = "expired"
        return len(overdue)

    # The steps.

    @rule(wanted=st.lists(wishes(), min_size=1, max_size=3))
    def place(self, wanted: list[Wish]) -> None:
        requests = [self._request(wish) for wish in wanted]

        outcomes = place_orders(self.organization_id, requests, now=self.now)

        refused = self._expect(range(len(wanted)), wanted, requests, outcomes)
        if refused and self.expire_in_model():
            refused = self._expect(refused, wanted, requests, outcomes)
        for index, code in refused.items():
            outcome = outcomes[index]
            assert isinstance(outcome, KassaError), (wanted[index], outcome)
            assert outcome.code == code

    def _expect(
        self,
        indexes: Iterable[int],
        wanted: list[Wish],
        requests: list[OrderRequest],
        outcomes: list[Outcome],
    ) -> dict[int, str]:
        """Place in the model, first come first served; return the refusals."""
        refused = {}
        for index in indexes:
            refusal = self.expected_refusal(wanted[index])
            if refusal is None:
                self._note(wanted[index], requests[index], outcomes[index])
            else:
                refused[index] = refusal
        return refused

    def _request(self, wish: Wish) -> OrderRequest:
        lines = []
        for kind, quantity in wish.quantities.items():
            more: dict[str, Any] = {}
            if kind == "seat":
                named = wish.named_seat
                more = {"best_available": True} if named is None else {"seat_ids": (self.seats[named],)}
            lines.append(line(self.offer[kind], quantity, **more))
        coupon = self.coupon.code if wish.coupon else None
        return order_request(
            self.world.actor,
            *lines,
            customer=self._customer(wish),
            coupon_code=coupon,
            shipping_address=ADDRESS if "shirt" in wish.quantities else None,
        )

    def _customer(self, wish: Wish) -> Customer:
        person = self.people[wish.customer]
        stranger = f"{uuid4().hex}@example.com"
        match wish.guise:
            case "guest":
                return Customer(email=person.emails[0].upper())
            case "sub-address":
                return Customer(email=person.emails[0].replace("@", "+news@"))
            case "other address":
                return Customer(email=person.emails[1])
            case "user":
                return Customer(email=stranger, user_id=person.user_id)
        return Customer(email=stranger, reference=person.references[0])

    def _note(self, wish: Wish, request: OrderRequest, outcome: Outcome) -> None:
        assert isinstance(outcome, Placed), (wish, outcome)
        if set(wish.quantities) & {"asked", "asked_free"}:
            state: tuple[str, str, datetime | None] = ("pending", "awaited", None)
        elif set(wish.quantities) == {"free"}:
            state = ("confirmed", "not_needed", None)
        else:
            state = ("draft", "not_needed", self.now + HOLD)
        order = Bought(wish, *state, request=request)
        given = Ticket.objects.of(self.organization_id).filter(order_id=outcome.order_id, seat__isnull=False)
        order.seats = set(given.values_list("seat_id", flat=True))
        assert len(order.seats) == wish.quantities.get("seat", 0)
        assert not any(order.seats & other.seats for other in self.live())
        self.orders[outcome.order_id] = order

    @rule(minutes=st.sampled_from([1, 10, 29, 30, 31, 24 * 60, 73 * 60]))
    def let_time_pass(self, minutes: int) -> None:
        # The event is a month away; a step never takes the sale past its end.
        if self.now + timedelta(minutes=minutes) < self.begun_at + timedelta(days=28):
            self.now += timedelta(minutes=minutes)

    @rule()
    def expire(self) -> None:
        assert release_overdue(self.organization_id, now=self.now) == self.expire_in_model()

    @precondition(lambda self: self.orders)
    @rule(nth=st.integers(0, 99))
    def repeat_key(self, nth: int) -> None:
        order_id, order = self._pick(nth)

        [outcome] = place_orders(self.organization_id, [order.request], now=self.now)

        assert isinstance(outcome, Placed)
        assert (outcome.order_id, outcome.replayed) == (order_id, True)

    @precondition(lambda self: self.orders)
    @rule(nth=st.integers(0, 99))
    def cancel(self, nth: int) -> None:
        order_id, order = self._pick(nth)

        refused = self._try(cancel_order, order_id)

        assert refused == self._cancel_in_model(order)

    def _cancel_in_model(self, order: Bought) -> str | None:
        if order.status in SHIPPED:
            return "already_shipped"
        if order.status == "expired" or order.is_overdue(self.now):
            return "order_expired"
        order.status = "cancelled"
        return None

    @precondition(lambda self: any(order.status in HOLDING for order in self.orders.values()))
    @rule(nth=st.integers(0, 99))
    def confirm(self, nth: int) -> None:
        order_id, order = self._pick(nth, HOLDING)

        refused = self._try(change_status, order_id, to_status=OrderStatus.CONFIRMED)

        assert refused == self._move_in_model(order, OrderStatus.CONFIRMED)

    @precondition(lambda self: any(order.status in ON_THE_WAY for order in self.orders.values()))
    @rule(nth=st.integers(0, 99))
    def carry_on(self, nth: int) -> None:
        order_id, order = self._pick(nth, set(ON_THE_WAY))

        refused = self._try(change_status, order_id, to_status=ON_THE_WAY[order.status])

        assert refused == self._move_in_model(order, ON_THE_WAY[order.status])

    @precondition(lambda self: self.orders)
    @rule(nth=st.integers(0, 99), to_status=st.sampled_from(sorted(STAFF_MOVES - {OrderStatus.CANCELLED})))
    def move(self, nth: int, to_status: OrderStatus) -> None:
        order_id, order = self._pick(nth)

        refused = self._try(change_status, order_id, to_status=to_status)

        assert refused == self._move_in_model(order, to_status)

    def _move_in_model(self, order: Bought, to_status: OrderStatus) -> str | None:
        if order.status == to_status:
            return None
        if order.status == "expired" or order.is_overdue(self.now):
            return "order_expired"
        if to_status not in ORDER_MOVES[OrderStatus(order.status)]:
            return "illegal_move"
        if to_status == "shipped" and "shirt" not in order.wish.quantities:
            return "nothing_to_ship"
        if to_status == "confirmed" and order.approval == "awaited":
            return "approval_awaited"
        order.status, order.expires_at = to_status.value, None
        return None

    @precondition(lambda self: self.orders)
    @rule(nth=st.integers(0, 99), agrees=st.booleans())
    def decide(self, nth: int, agrees: bool) -> None:
        waiting = [one for one in self.orders.items() if one[1].approval == "awaited"]
        order_id, order = waiting[nth % len(waiting)] if waiting else self._pick(nth)

        refused = self._try(approve_order if agrees else reject_order, order_id)

        if order.approval == ("approved" if agrees else "rejected"):
            assert refused is None
            return
        if order.approval != "awaited" or order.status not in HOLDING:
            assert refused == "not_awaiting_approval"
            return
        assert refused is None
        order.approval = "approved" if agrees else "rejected"
        if not agrees:
            order.status = "cancelled"
        elif set(order.wish.quantities) <= {"free", "asked_free"}:
            order.status = "confirmed"
        else:
            order.expires_at = self.now + APPROVAL

    def _pick(self, nth: int, statuses: set[str] | None = None) -> tuple[UUID, Bought]:
        fitting = [one for one in self.orders.items() if statuses is None or one[1].status in statuses]
        return fitting[nth % len(fitting)]

    def _try(self, act: Any, order_id: UUID, **more: Any) -> str | None:
        try:
            act(self.world.context(now=self.now), order_id, **more)
        except KassaError as error:
            return error.code
        return None

    # What must hold after every step.

    @invariant()
    def quotas_have_what_the_model_expects(self) -> None:
        rows = {quota.id: quota for quota in Quota.unscoped.filter(id__in=self.quotas.values())}
        reserved, taken = self.taken(HOLDING), self.taken()

        counted = {name: (rows[quota].reserved, rows[quota].sold) for name, quota in self.quotas.items()}

        assert counted == {name: (reserved[name], taken[name] - reserved[name]) for name in self.quotas}

    @invariant()
    def orders_are_where_the_model_has_them(self) -> None:
        rows = Order.objects.of(self.organization_id).values_list("id", "status", "approval")

        assert {row[0]: row[1:] for row in rows} == {
            order_id: (order.status, order.approval) for order_id, order in self.orders.items()
        }

    @invariant()
    def seats_are_whose_the_model_says(self) -> None:
        expected = {
            seat: "held" if order.status in HOLDING else "sold"
            for order in self.live()
            for seat in order.seats
        }

        found = {
            seat.id: seat.status for seat in self.world.seats if seat.status not in ("available", "blocked")
        }

        assert found == expected

    @invariant()
    def coupon_counts_its_live_uses(self) -> None:
        self.coupon.refresh_from_db(fields=["current_usage_count"])

        assert self.coupon.current_usage_count == sum(order.wish.coupon for order in self.live())

    @invariant()
    def books_balance(self) -> None:
        assert_books_balance(self.organization_id)


def test_sale_does_what_its_model_does(transactional_db: None) -> None:
    run_state_machine_as_test(
        SaleMachine,
        settings=settings(
            max_examples=10,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],  # Looking for a shorter failure takes minutes here.
            suppress_health_check=list(HealthCheck),
        ),
    )
