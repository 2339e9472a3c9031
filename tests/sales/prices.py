"""Short words for pricing an order by hand, and for what comes out."""

from __future__ import annotations

from decimal import Decimal

from kassa.sales.domain.pricing import Discount, Fees, PricedOrder, PriceLine, UnitPrice, price_order
from kassa.sales.domain.taxes import Tax

NO_FEES = Fees(Decimal(0), Decimal(0), Decimal(0))
INCLUDED = Tax("VAT", Decimal(19), included=True)
ADDED = Tax("Sales tax", Decimal("8.875"), included=False)


def line(
    unit_price: str,
    quantity: int = 1,
    tax: Tax | None = None,
    *,
    discountable: bool = True,
    shippable: bool = False,
    label: str = "Standard",
) -> PriceLine:
    return PriceLine(label, Decimal(unit_price), quantity, tax, discountable, shippable)


def percent(percentage: str) -> Discount:
    return Discount("SAVE", Decimal(percentage), None)


def amount_off(amount: str) -> Discount:
    return Discount("SAVE", None, Decimal(amount))


def fees(percentage: str = "0", fixed: str = "0", shipping: str = "0") -> Fees:
    return Fees(Decimal(percentage), Decimal(fixed), Decimal(shipping))


def price(
    *lines: PriceLine, currency: str = "EUR", discount: Discount | None = None, fees: Fees = NO_FEES
) -> PricedOrder:
    return price_order(lines, currency=currency, discount=discount, fees=fees)


def figures(order: PricedOrder) -> dict[str, str]:
    """Return the order's figures that are not zero, as they are shown."""
    names = ("subtotal", "discount", "fees", "taxes", "included_taxes", "shipping", "total")
    return {name: str(getattr(order, name)) for name in names if getattr(order, name)}


def unit(base: str, discount: str, tax: str, paid: str) -> UnitPrice:
    return UnitPrice(Decimal(base), Decimal(discount), Decimal(tax), Decimal(paid))
