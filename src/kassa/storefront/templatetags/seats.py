"""The names of seats in the language of the page."""

from __future__ import annotations

from django import template

from kassa.seating.domain.plan import translate_seat_label
from kassa.storefront.formatting import present_locale

register = template.Library()


@register.filter
def seat_name(label: str) -> str:
    """Return what a seat is called, from the label that is stored with its ticket."""
    return translate_seat_label(label, present_locale())
