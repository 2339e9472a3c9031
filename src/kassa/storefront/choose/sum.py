"""What a choice would cost, as pages show it: the very figures of the sale."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.translation import ngettext

from kassa.core.money import ZERO
from kassa.sales.domain.choice_price import ChoicePrice
from kassa.storefront.formatting import amount_text


def show_sum(found: ChoicePrice, *, coupon: str | None) -> dict[str, str]:
    """Return a table of the figures and the total in a few words; both empty if there is no price."""
    if found.order is None or found.currency is None:
        return {"sum": "", "total": ""}
    order, currency = found.order, found.currency
    figures = {
        name: amount_text(getattr(order, name), currency)
        for name in ("discount", "fees", "taxes", "included_taxes", "shipping")
        if getattr(order, name) != ZERO
    }
    lines = [
        {"name": offer.name, "quantity": len(line.units), "amount": amount_text(line.subtotal, currency)}
        for offer, line in found.lines
    ]
    total = amount_text(order.total, currency)
    count = sum(len(line.units) for _, line in found.lines)
    context = {
        "lines": lines,
        "figures": figures,
        "coupon": coupon if found.coupon_problem is None else None,
    }
    has_goods = any(offer.is_product for offer, _ in found.lines)
    text = (
        ngettext("%(count)d item · %(total)s", "%(count)d items · %(total)s", count)
        if has_goods
        else ngettext("%(count)d ticket · %(total)s", "%(count)d tickets · %(total)s", count)
    )
    return {
        "sum": render_to_string("choose/_sum.html", context),
        "total": text % {"count": count, "total": total},
    }
