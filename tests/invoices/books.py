"""An organisation that sells, gives back and invoices."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.catalog.models import Product, TaxRule, TicketType
from kassa.invoices.domain.document import invoice_pdf
from kassa.invoices.domain.issue import credit_note_of_refund, invoice_of_order
from kassa.invoices.models import Invoice
from kassa.orders.enums import OrderStatus
from kassa.orders.models import Order, Ticket
from kassa.payments.domain.manual_status import cancel_order, change_status
from kassa.payments.domain.refunds.plan import RefundSelection
from kassa.payments.domain.refunds.progress import mark_refunded
from kassa.payments.domain.refunds.refund import RefundCommand, refund_order
from kassa.payments.models import Refund
from kassa.sales.domain.request import RequestedLine
from tests.support.factories import make_event, make_organization, make_product, make_ticket_type
from tests.support.sale_world import World
from tests.tickets.printing import texts_of

SELLER = {
    "legal_name": "Lindenhof Kultur gGmbH",
    "tax_number": "231/123/45678",
    "vat_id": "DE129273398",
    "register_entry": "Amtsgericht Leipzig, HRB 12345",
    "invoice_footer": "IBAN DE89 3704 0044 0532 0130 00",
}


class Books(World):
    """``place`` and ``sell`` sell, the rest gives back and asks for paper."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(make_organization(**settings))

    @property
    def id(self) -> UUID:
        return self.organization.id

    def taxed(self, rate: str, *, included: bool = True, name: str = "VAT", **fields: Any) -> TicketType:
        rule = TaxRule.unscoped.create(
            organization=self.organization, name=name, rate=Decimal(rate), included=included
        )
        event = make_event(self.organization)
        return make_ticket_type(event, tax_rule=rule, **fields)

    def taxed_goods(self, rate: str, **fields: Any) -> Product:
        rule = TaxRule.unscoped.create(organization=self.organization, name="VAT", rate=Decimal(rate))
        return make_product(self.organization, tax_rule=rule, **fields)

    def sell(self, *lines: RequestedLine, **fields: Any) -> Order:
        """Sell something; it is paid by hand."""
        order = self.place(*lines, **fields)
        change_status(self.context(), order.id, to_status=OrderStatus.CONFIRMED)
        return self.order(order.id)

    def tickets_of(self, order: Order) -> list[Ticket]:
        return list(Ticket.objects.of(self.id).filter(order_id=order.id).order_by("id"))

    def give_back(self, order: Order, *tickets: Ticket, **wish: Any) -> Refund:
        """Give back tickets, an amount or everything; the money is there at once."""
        wanted = RefundSelection(tickets=tuple(ticket.id for ticket in tickets), **wish)
        made = refund_order(self.context(), order.id, command=RefundCommand(wanted))
        return self.pay_back(order, made)

    def cancel(self, order: Order) -> Refund:
        cancel_order(self.context(), order.id)
        made = Refund.objects.of(self.id).filter(order_id=order.id).latest("id")
        return self.pay_back(order, made)

    def pay_back(self, order: Order, refund: Refund) -> Refund:
        return mark_refunded(self.context(), order.id, refund.id, reference="")

    def invoice(self, order: Order, **when: Any) -> Invoice:
        return invoice_of_order(self.id, order.id, now=when.get("now", self.context().now))

    def credit(self, order: Order, refund: Refund, **when: Any) -> Invoice:
        return credit_note_of_refund(self.id, order.id, refund.id, now=when.get("now", self.context().now))

    def read(self, invoice: Invoice) -> str:
        return " ".join(texts_of(invoice_pdf(self.id, invoice)))

    def numbers(self) -> Sequence[str]:
        return list(Invoice.objects.of(self.id).order_by("id").values_list("number", flat=True))
