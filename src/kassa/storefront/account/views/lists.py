"""A person's orders and tickets, of whichever organisation, and the log of their account."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from kassa.core.clock import utc_now
from kassa.identity.models import User
from kassa.identity.queries import list_account_events
from kassa.privacy.whose import Person
from kassa.storefront.account.activity import build_activity
from kassa.storefront.account.purchases import PAGE, order_lines, past_tickets, upcoming_tickets
from kassa.storefront.account.views.pages import person_page, show_account, visitor_page


@visitor_page
def show_orders(request: HttpRequest, person: Person) -> HttpResponse:
    """Show the newest orders, or those before one."""
    lines, older = order_lines(person, before=_before(request), now=utc_now())
    return show_account(request, "orders", {"lines": lines, "older": older})


@visitor_page
def show_tickets(request: HttpRequest, person: Person) -> HttpResponse:
    """Show the tickets for what is to come, or with ``past`` the others."""
    now = utc_now()
    if "past" not in request.GET:
        return show_account(request, "tickets", {"events": upcoming_tickets(person, now=now)})
    events, older = past_tickets(person, before=_before(request), now=now)
    return show_account(request, "tickets", {"events": events, "older": older, "is_past": True})


@person_page()
def show_activity(request: HttpRequest, user: User) -> HttpResponse:
    """Show the newest entries of the account's log, or those before one."""
    events = list_account_events(user)
    before = _before(request)
    if before is not None:
        events = events.filter(id__lt=before)
    found = list(events[: PAGE + 1])
    older = found[PAGE - 1].id if len(found) > PAGE else None
    return show_account(request, "activity", {"lines": build_activity(found[:PAGE]), "older": older})


def _before(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET.get("before", ""))
    except ValueError:
        return None
