"""What stands above an event's ticket types when they cannot simply be bought."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from kassa.catalog.enums import EventKind, EventStatus
from kassa.core.clock import format_moment
from kassa.sales.enums import SaleState
from kassa.storefront.formatting import moment_text
from kassa.storefront.shop.offer import EventOffer


@dataclass(frozen=True, slots=True)
class Standing:
    """How an event stands, in a few words and a sentence."""

    tone: str
    """``good``, ``bad``, ``calm`` or ``wait``: the colour and the sign."""
    title: str
    text: str = ""
    until: str = ""
    """A moment for programs, to which is counted down; empty: there is none."""
    ends_all: bool = False
    """Whether its ticket types are not even shown."""


def standing_of(offer: EventOffer) -> Standing | None:
    """Return what is said of an event in the present language. None: it is on sale, nothing is to be said."""
    event = offer.event
    if event.status == EventStatus.CANCELLED:
        text = _("This has been cancelled. Ticket holders have been notified.")
        return Standing("bad", _("Cancelled"), text, ends_all=True)
    if offer.is_over:
        title = _("Departed") if event.kind == EventKind.TRIP else _("Over")
        return Standing("calm", title, _("Tickets are no longer on sale."), ends_all=True)
    if not offer.types and not offer.hidden:
        return Standing(
            "calm", _("Not on sale"), _("Tickets for this event aren’t sold here."), ends_all=True
        )
    return _of_sale(offer)


def _of_sale(offer: EventOffer) -> Standing | None:
    match offer.state:
        case SaleState.NOT_STARTED if offer.starts_at is not None:
            starts = moment_text(offer.starts_at, offer.event.time_zone)
            text = _("The sale begins on %(starts)s.") % {"starts": starts}
            return Standing("wait", _("On sale soon"), text, until=format_moment(offer.starts_at))
        case SaleState.SOLD_OUT:
            text = _("Sold out for now. Returned tickets go back on sale here.")
            return Standing("calm", _("Sold out"), text)
        case SaleState.ENDED:
            return Standing("calm", _("The sale has ended"), _("Tickets are no longer on sale."))
    return None
