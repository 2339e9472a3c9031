"""Until when buyers may return tickets by themselves, in a sentence, before they have bought any."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kassa.core.formatting import format_percent
from kassa.core.money import ZERO
from kassa.payments.domain.refunds.buyer_rules import BuyerRules
from kassa.storefront.formatting import present_locale

HOURS_A_DAY = 24


def refund_rule_text(rules: BuyerRules) -> str:
    """Return what an organisation's buyers may do by themselves; empty: nothing."""
    if not rules.is_enabled:
        return ""
    if rules.kept_percentage > ZERO:
        percent = format_percent(rules.kept_percentage, present_locale())
        text = _("You can return tickets yourself %(until)s; a cancellation fee of %(percent)s applies.")
        return text % {"until": _until(rules.until_hours), "percent": percent}
    text = _("You can return tickets yourself %(until)s and get the full ticket price back.")
    return text % {"until": _until(rules.until_hours)}


def _until(hours: int) -> str:
    if not hours:
        return _("until the event starts")
    if hours % HOURS_A_DAY:
        text = ngettext(
            "until %(number)d hour before the event starts",
            "until %(number)d hours before the event starts",
            hours,
        )
        return text % {"number": hours}
    days = hours // HOURS_A_DAY
    text = ngettext(
        "until %(number)d day before the event starts", "until %(number)d days before the event starts", days
    )
    return text % {"number": days}
