"""An organisation to which everything has happened that can happen to money, and whose books balance."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from kassa.admission.domain.lists import create_list
from kassa.admission.domain.scan import WantedScan, record_batch
from kassa.admission.domain.undo import WantedUndo, undo_scan
from kassa.admission.enums import ScanKind
from kassa.admission.models import Scan
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.languages import Language
from kassa.invoices.domain.issue import credit_note_of_refund, invoice_of_order
from kassa.orders.enums import OrderStatus
from kassa.orders.models import Order, OrderItem, Ticket
from kassa.payments.domain.disputes.settle import settle_dispute
from kassa.payments.domain.manual_status import cancel_order, change_status
from kassa.payments.domain.payouts.payouts import settle_payout
from kassa.payments.domain.refunds.plan import GoodsSelection
from kassa.payments.domain.refunds.progress import mark_refunded
from kassa.payments.models import Payment, Refund
from kassa.payments.providers.protocol import DisputeSeen, DisputeState, PayoutSeen, PayoutState
from kassa.sales.domain.expire import release_overdue
from kassa.tickets.domain.reissue import reissue_ticket
from kassa.tickets.domain.transfer import Offer, accept_transfer, offer_ticket
from tests.payments.money import give_back, paid_order, receipt_for, receive
from tests.sales.carts import a_cart
from tests.support.factories import line, make_ticket_type
from tests.support.sale_world import World

LONG_AGO = timedelta(hours=3)


class Village:
    """Its orders go by what has become of them."""

    def __init__(self) -> None:
        self.world = World()
        self.world.standing = make_ticket_type(self.world.event, quantity=100)
        self.orders: dict[str, Order] = {}
        self._sell()
        self._end()
        self._give_back()
        self._dispute()
        self._pay_out()
        self._let_in()
        self._hand_over()
        self._invoice()

    @property
    def organization_id(self) -> UUID:
        return self.world.organization.id

    @property
    def names(self) -> dict[str, Any]:
        """The ids of its orders, for statements."""
        ids: dict[str, Any] = {name: order.id for name, order in self.orders.items()}
        return {"organization": self.organization_id, **ids}

    def _sell(self) -> None:
        world = self.world
        seat = line(world.seated, seat_ids=(world.best_seat.id,))
        order = world.place(line(world.standing, 2), seat, line(world.shirt), coupon_code=world.coupon.code)
        receive(world, receipt_for(order, gateway_fee=Decimal("1.20"), platform_fee=Decimal("0.30")))
        self.orders["paid"] = order
        self.orders["draft"] = world.place(line(world.standing))
        self.orders["partly"] = world.place(line(world.standing))
        receive(world, receipt_for(self.orders["partly"], "5.00"))
        self.orders["twice"] = self._paid()
        receive(world, receipt_for(self.orders["twice"]))
        a_cart(world.organization, line(world.standing), now=utc_now())

    def _end(self) -> None:
        world = self.world
        seat = line(world.seated, seat_ids=(world.seats[1].id,))
        self.orders["cancelled"] = world.place(line(world.standing))
        cancel_order(world.context(), self.orders["cancelled"].id)
        self.orders["called_off"] = self._paid()
        cancel_order(world.context(), self.orders["called_off"].id)
        self.orders["late"] = world.place(seat, now=utc_now() - LONG_AGO)
        self.orders["revived"] = world.place(line(world.standing), now=utc_now() - LONG_AGO)
        release_overdue(self.organization_id, now=utc_now())
        self.orders["neighbour"] = paid_order(world, seat)
        receive(world, receipt_for(self.orders["late"]), receipt_for(self.orders["revived"]))

    def _give_back(self) -> None:
        world = self.world
        self.orders["one_back"] = self._paid(2)
        ticket = Ticket.objects.of(self.organization_id).filter(order_id=self.orders["one_back"].id).first()
        assert ticket is not None
        self._sent(give_back(world, self.orders["one_back"], tickets=[ticket.id]))
        self.orders["shirt_back"] = paid_order(
            world, line(world.shirt, 2), email=f"{uuid4().hex}@example.com"
        )
        [item] = OrderItem.objects.of(self.organization_id).filter(order_id=self.orders["shirt_back"].id)
        self._sent(give_back(world, self.orders["shirt_back"], goods=[GoodsSelection(item.id, 1)]))
        self.orders["all_back"] = self._paid()
        self._sent(give_back(world, self.orders["all_back"], everything=True))
        self.orders["gift"] = self._paid(2)
        give_back(world, self.orders["gift"], amount=Decimal(10))
        self.orders["sent"] = world.place_parcel()
        for status in ("confirmed", "processing", "shipped"):
            change_status(world.context(), self.orders["sent"].id, to_status=OrderStatus(status))

    def _dispute(self) -> None:
        for name, ends in (("disputed", None), ("won", DisputeState.WON), ("lost", DisputeState.LOST)):
            order = self.orders[name] = self._paid()
            payment = Payment.objects.of(self.organization_id).get(order_id=order.id)
            for state in (DisputeState.OPEN, ends):
                if state is not None:
                    seen = DisputeSeen(
                        state=state,
                        reference=f"dispute-{name}",
                        payment_reference=payment.provider_reference,
                        amount=payment.amount,
                        currency=payment.currency,
                        fee=Decimal("15.00"),
                    )
                    settle_dispute(self.organization_id, seen, provider=payment.provider, now=utc_now())

    def _pay_out(self) -> None:
        for reference, states in (("po_1", ("paid",)), ("po_2", ("paid", "failed")), ("po_3", ("failed",))):
            for state in states:
                seen = PayoutSeen(PayoutState(state), reference, Decimal(20), "EUR")
                settle_payout(self.organization_id, seen, provider="demo", now=utc_now())

    def _paid(self, tickets: int = 1) -> Order:
        return paid_order(self.world, line(self.world.standing, tickets), email=f"{uuid4().hex}@example.com")

    def _sent(self, refund: Refund) -> None:
        """Let the money of a refund be back with the buyer."""
        mark_refunded(self.world.context(), refund.order_id, refund.id, reference="")

    def _invoice(self) -> None:
        invoice_of_order(self.organization_id, self.orders["paid"].id, now=utc_now())
        for name in ("one_back", "all_back"):
            order = self.orders[name]
            [refund] = Refund.objects.of(self.organization_id).filter(order_id=order.id)
            credit_note_of_refund(self.organization_id, order.id, refund.id, now=utc_now())

    def _hand_over(self) -> None:
        """One ticket goes to somebody else, and then to a third; another is replaced."""
        world = self.world
        free = make_ticket_type(world.event, quantity=None, price=0)
        self.orders["given"] = world.place(line(free, 2))
        tickets = Ticket.objects.of(self.organization_id).filter(order_id=self.orders["given"].id)
        given, lost = tickets.order_by("id")
        for email in ("grace@example.com", "mary@example.com"):
            transfer = offer_ticket(world.context(), given.id, offer=Offer(to_email=email, to_name="New"))
            accept_transfer(world.context(), transfer.id)
        reissue_ticket(world.context(), lost.id)

    def _let_in(self) -> None:
        """In, and once more without a network; in and out; in and undone; not in at all."""
        world = self.world
        now = utc_now()
        free = make_ticket_type(world.event, quantity=None, price=0)
        self.orders["visited"] = world.place(line(free, 4))
        order_id = self.orders["visited"].id
        tickets = list(Ticket.objects.of(self.organization_id).filter(order_id=order_id).order_by("id"))
        entrance = create_list(
            CommandContext.system(self.organization_id, now=now),
            world.event.id,
            fields={"name": "A", "counts_exits": True},
        )

        def scan(ticket: Ticket, kind: ScanKind, *, let_in: bool = True) -> UUID:
            wanted = WantedScan(uuid4(), entrance.id, ticket.code, kind, let_in=let_in)
            record_batch(world.context(), [wanted], language=Language.ENGLISH)
            return wanted.id

        for ticket in tickets[:3]:
            scan(ticket, ScanKind.ENTRY)
        scan(tickets[0], ScanKind.ENTRY)
        scan(tickets[1], ScanKind.EXIT)
        for kind in (ScanKind.ENTRY, ScanKind.EXIT):
            scan(tickets[3], kind, let_in=False)
        last = Scan.objects.of(self.organization_id).get(ticket_id=tickets[2].id)
        undo_scan(world.context(), WantedUndo(uuid4(), last.client_id), language=Language.ENGLISH)
