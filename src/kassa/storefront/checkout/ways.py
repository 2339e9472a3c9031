"""The ways to pay that an organisation offers, in the words of the page."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from kassa.payments.domain.accounts import ProviderView, provider_accounts
from kassa.payments.providers.free import FreeProvider
from kassa.payments.providers.manual import DUE_DAYS, ManualProvider

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


def ways_to_pay(organization_id: UUID) -> tuple[Way, ...]:
    """Return how an order that costs something can be paid, in one query; at once before later."""
    views = [view for view in provider_accounts(organization_id) if view.is_offered]
    offered = [view for view in views if view.name != FreeProvider.name]
    return tuple(_way(view) for view in sorted(offered, key=lambda view: view.name == ManualProvider.name))


def _way(view: ProviderView) -> Way:
    title = str(TITLES.get(view.name, view.title))
    return Way(view.name, title, _hint(view), is_hosted=view.name != ManualProvider.name)


def _hint(view: ProviderView) -> str:
    if view.name != ManualProvider.name:
        known = HINTS.get(view.name)
        other = gettext("You pay on the secure page of %(provider)s and come back here.")
        return str(known) if known else other % {"provider": view.title}
    days = int(view.configuration.get("due_days", DUE_DAYS))
    text = ngettext(
        "You have %(days)d day to transfer the money; your order is held that long.",
        "You have %(days)d days to transfer the money; your order is held that long.",
        days,
    )
    return text % {"days": days}
