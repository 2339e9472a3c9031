from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.template import Context

from kassa.storefront.choose.shown import ChoiceForm, choice_form
from kassa.storefront.shop.offer import OfferedType

register = template.Library()


@register.simple_tag(takes_context=True)
def choice_of(context: Context, offer: Any) -> ChoiceForm:
    """Return the form for the offer of a page, with what the page knows of a choice before."""
    types: Sequence[OfferedType] = context.get("types") or offer.types
    return choice_form(offer, types, context.get("chosen") or {}, context.get("problems") or {})
