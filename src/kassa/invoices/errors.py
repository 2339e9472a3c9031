"""Why there is no invoice."""

from __future__ import annotations

from kassa.core.errors import Conflict


class NothingToInvoice(Conflict):
    """The order was never sold, or costs nothing; `order_status` says how it stands."""

    code = "nothing_to_invoice"
    title = "There is nothing to invoice"

    def __init__(self, number: str, status: str) -> None:
        super().__init__(
            f"Order {number} has no invoice: only an order that was sold and costs something has one.",
            order_status=status,
        )


class NothingToCredit(Conflict):
    """The money is not back yet, or never paid for anything; `refund_status` says how it stands."""

    code = "nothing_to_credit"
    title = "There is nothing to credit"

    def __init__(self, status: str) -> None:
        super().__init__(
            "This refund has no credit note: only money of a sale that is back with the buyer has one.",
            refund_status=status,
        )


class InvoicePrefixTaken(Conflict):
    """Another document has this number already; `number` names it. Choose another prefix."""

    code = "invoice_prefix_taken"
    title = "The number is taken"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"There is a document {number} already. Choose a prefix that was never used for another kind.",
            number=number,
        )
