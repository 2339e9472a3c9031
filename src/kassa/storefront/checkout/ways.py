"""The ways to pay that an organisation offers, in the words of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from kassa.core.formatting import format_date, format_datetime
from kassa.payments.domain.accounts import ProviderView, provider_accounts
from kassa.payments.providers.free import FreeProvider
from kassa.payments.providers.lead_time import arrives_in_time
from kassa.payments.providers.manual import DUE_DAYS, ManualProvider, due_date
from kassa.storefront.formatting import present_locale

TITLES: dict[str, Promise] = {
    "stripe": _("Card or wallet"),
    "demo": _("Demo payment"),
    ManualProvider.name: _("Bank transfer"),
}
HINTS: dict[str, Promise] = {
    "stripe": _("You pay on the secure page of Stripe and come back here."),
    "demo": _("A pretend bank to try things out: no money moves."),
}


@dataclass(frozen=True, slots=True)
class Way:
    """A way to pay."""

    name: str
    title: str
    hint: str
    is_hosted: bool
    """Whether it is paid on a page of the provider, which alone sees a card."""


@dataclass(frozen=True, slots=True)
class RefusedWay:
    """A way to pay that an organisation usually takes, and cannot take for this order."""

    name: str
    reason: str
    """A sentence."""
    sign_in: str = ""
    """The address at which the buyer signs in to use it after all; empty: nothing helps."""


@dataclass(frozen=True, slots=True)
class WaysToPay:
    """How an order can be paid, and how it cannot be although its organisation usually takes it."""

    offered: tuple[Way, ...] = ()
    refused: tuple[RefusedWay, ...] = ()


def ways_to_pay(
    organization_id: UUID,
    *,
    begins_at: datetime | None,
    now: datetime,
    needs_proof: Callable[[str], bool] = lambda provider: False,
    sign_in: str = "",
) -> WaysToPay:
    """Return how an order that costs something can be paid; at once before later.

    ``begins_at``: when the first of what is bought begins, on its own clock. None: it has no date.
    ``needs_proof`` says whether the buyer has to sign in, at ``sign_in``, to pay by a slow provider.
    """
    views = [view for view in provider_accounts(organization_id) if view.is_offered]
    offered, refused = [], []
    for view in sorted(views, key=lambda view: view.name == ManualProvider.name):
        if view.name == FreeProvider.name:
            continue
        if view.days_under_way and needs_proof(view.name):
            refused.append(RefusedWay(view.name, _unproven(view), sign_in))
        elif begins_at is None or arrives_in_time(begins_at, view.days_under_way, now=now):
            offered.append(_way(view, begins_at, now))
        else:
            refused.append(RefusedWay(view.name, _too_slow(view, begins_at)))
    return WaysToPay(tuple(offered), tuple(refused))


def _way(view: ProviderView, begins_at: datetime | None, now: datetime) -> Way:
    hint = _hint(view, begins_at, now)
    return Way(view.name, _title(view), hint, is_hosted=view.name != ManualProvider.name)


def _title(view: ProviderView) -> str:
    return str(TITLES.get(view.name, view.title))


def _hint(view: ProviderView, begins_at: datetime | None, now: datetime) -> str:
    if view.name != ManualProvider.name:
        known = HINTS.get(view.name)
        other = gettext("You pay on the secure page of %(provider)s and come back here.")
        return str(known) if known else other % {"provider": view.title}
    days = int(view.configuration.get("due_days", DUE_DAYS))
    due = due_date(now, days, begins_at=begins_at, lead_days=view.days_under_way)
    if due < due_date(now, days):
        text = gettext("Transfer the money by %(day)s, so that it arrives before the start.")
        return text % {"day": format_date(due, present_locale(), "long")}
    text = ngettext(
        "You have %(days)d day to transfer the money; your order is held that long.",
        "You have %(days)d days to transfer the money; your order is held that long.",
        days,
    )
    return text % {"days": days}


def _unproven(view: ProviderView) -> str:
    text = gettext("To pay this order by “%(way)s”, first confirm your e-mail address.")
    return text % {"way": _title(view)}


def _too_slow(view: ProviderView, begins_at: datetime) -> str:
    days = view.days_under_way
    text = ngettext(
        "%(way)s is no longer possible: it takes %(days)d day to arrive, and this starts on %(start)s.",
        "%(way)s is no longer possible: it takes %(days)d days to arrive, and this starts on %(start)s.",
        days,
    )
    start = format_datetime(begins_at, begins_at.tzinfo or UTC, present_locale())
    return text % {"way": _title(view), "days": days, "start": start}
