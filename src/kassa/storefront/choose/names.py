"""What seats are called, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kassa.storefront.choose.seat_plan import PlanSeat


def seat_text(seat: PlanSeat) -> str:
    """Return the name of a seat: ``Stalls, row C, seat 12``."""
    return seat_pattern() % {"section": seat.section, "row": seat.row, "seat": seat.number}


def seat_pattern() -> str:
    """Return how a seat is named; scripts fill it in, too."""
    return _("%(section)s, row %(row)s, seat %(seat)s")
