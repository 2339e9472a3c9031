"""The form of a choice, for the pages on which one chooses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import template
from django.template import Context

from kassa.core.clock import utc_now
from kassa.sales.domain.choice_price import price_choice
from kassa.sales.domain.request import RequestedLine
from kassa.storefront.choose.shown import ChoiceForm, choice_form
from kassa.storefront.choose.sum import show_sum
from kassa.storefront.shop.offer import OfferedType

register = template.Library()


@register.simple_tag(takes_context=True)
def choice_of(context: Context, offer: Any) -> ChoiceForm:
    """Return the form for the offer of a page, with what the page knows of a choice before."""
    types: Sequence[OfferedType] = context.get("types") or offer.types
    return choice_form(offer, types, context.get("chosen") or {}, context.get("problems") or {})


@register.simple_tag(takes_context=True)
def price_of_preselected(context: Context, choice: ChoiceForm) -> Mapping[str, str]:
    """Return what is chosen from the beginning costs, so that no browser has to ask for it."""
    lines = [
        RequestedLine(
            UUID(field.partition("-")[2]), is_product=field.startswith("product-"), quantity=int(quantity)
        )
        for field, quantity in choice.preselected.items()
    ]
    if not lines:
        return {"sum": "", "total": ""}
    found = price_choice(context["shop"].organization_id, lines, coupon_code=None, now=utc_now())
    return show_sum(found, coupon=None)
