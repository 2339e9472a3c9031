"""The page on which whoever gets reminders ends them; mail programs do the same with one click (RFC 8058)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from kassa.core.actor import Actor
from kassa.core.command_context import build_context
from kassa.notifications.domain.unsubscribe import find_announced, unsubscribe
from kassa.storefront.links.link_pages import public_page, show
from kassa.storefront.shops import shop_of
from kassa.web.language import activate_language


@public_page("GET", "HEAD", "POST", takes_foreign_forms=True)
def show_unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether reminders are to end, or end them: to look at the page alone ends nothing."""
    message = find_announced(token)
    activate_language(request, message.language)
    is_done = request.method == "POST"
    if is_done:
        unsubscribe(build_context(Actor.buyer(message.organization_id)), message)
    shop = shop_of(message.organization_id)
    return show(request, "unsubscribe", {"shop": shop, "recipient": message.recipient, "is_done": is_done})
