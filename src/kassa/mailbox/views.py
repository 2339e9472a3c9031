"""The mailbox: every kept message, as its reader would get it. It is there while messages are kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from itertools import islice
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kassa.core.clock import utc_now
from kassa.core.errors import KassaError
from kassa.core.signatures import secret_keys
from kassa.identity.domain.account_mail import KeptLetter, kept_letter, kept_letters
from kassa.notifications.domain.account_mail import SENDER
from kassa.notifications.domain.attachments import attached_files, attachments_of
from kassa.notifications.domain.facts import load_facts
from kassa.notifications.domain.mailbox import mailbox_secret
from kassa.notifications.domain.transport import is_keeping
from kassa.notifications.models import Message
from kassa.notifications.queries import kept_message, kept_messages
from kassa.web.headers import HIDDEN_ADDRESS, OWN, POLICY, build_policy, set_missing_headers

PAGE = 50
HEADERS = {
    POLICY: build_policy(style_src=OWN, img_src=OWN, frame_src=OWN),
    # The address is all that is needed to read: it is not passed on to what messages link to.
    **HIDDEN_ADDRESS,
}
MESSAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""A message has its styles inside, and nothing in it runs."""
View = Callable[..., HttpResponse]


def _behind_secret(view: View) -> View:
    """Let in who knows the address, while messages are kept; to all others there is nothing here."""

    @wraps(view)
    def guarded(request: HttpRequest, secret: str, **named: Any) -> HttpResponse:
        if not is_keeping() or not any(
            constant_time_compare(secret, mailbox_secret(key)) for key in secret_keys()
        ):
            raise Http404
        try:
            response = view(request, secret=secret, **named)
        except KassaError as error:
            raise Http404 from error
        set_missing_headers(response, HEADERS)
        return response

    return never_cache(require_safe(guarded))


@_behind_secret
def message_list(request: HttpRequest, secret: str) -> HttpResponse:
    """Show the newest messages, or those to one person."""
    recipient = request.GET.get("to", "").replace("\x00", "").strip()
    messages = kept_messages(recipient).defer("text", "html", "facts")
    before = _id(request.GET.get("before", ""))
    if before is not None:
        messages = messages.filter(id__lt=before)
    letters = islice(kept_letters(recipient=recipient, before=before), PAGE + 1)
    found: list[Message | KeptLetter] = [*messages[: PAGE + 1], *letters]
    found.sort(key=lambda one: one.id, reverse=True)
    context = {
        "secret": secret,
        "messages": found[:PAGE],
        "sender": SENDER,
        "recipient": recipient,
        "older": found[PAGE - 1].id if len(found) > PAGE else None,
    }
    return render(request, "mailbox/list.html", context)


@_behind_secret
def one_message(request: HttpRequest, secret: str, message_id: UUID) -> HttpResponse:
    """Show one message: as HTML in a frame of its own, as text, and what is attached."""
    message = kept_message(message_id)
    facts = load_facts(message.organization_id, [message])
    context = {
        "secret": secret,
        "message": message,
        "is_text": request.GET.get("as") == "text",
        "attachments": attachments_of(message, facts),
    }
    return render(request, "mailbox/message.html", context)


@_behind_secret
def message_html(request: HttpRequest, secret: str, message_id: UUID) -> HttpResponse:
    """Return the HTML of a message, for the frame; its links open in windows of their own."""
    html = kept_message(message_id).html.replace("<head>", '<head><base target="_blank">', 1)
    return HttpResponse(html, headers={POLICY: MESSAGE_POLICY})


@_behind_secret
def one_letter(request: HttpRequest, secret: str, letter_id: UUID) -> HttpResponse:
    """Show a letter about an account."""
    context = {
        "secret": secret,
        "kept": kept_letter(letter_id),
        "sender": SENDER,
        "is_text": request.GET.get("as") == "text",
    }
    return render(request, "mailbox/letter.html", context)


@_behind_secret
def letter_html(request: HttpRequest, secret: str, letter_id: UUID) -> HttpResponse:
    """Return the HTML of a letter about an account, for the frame."""
    html = kept_letter(letter_id).letter.html.replace("<head>", '<head><base target="_blank">', 1)
    return HttpResponse(html, headers={POLICY: MESSAGE_POLICY})


@_behind_secret
def attachment(request: HttpRequest, secret: str, message_id: UUID, name: str) -> HttpResponse:
    """Return a file that goes with a message, made anew."""
    message = kept_message(message_id)
    facts = load_facts(message.organization_id, [message])
    for file_name, content, kind in attached_files(message, facts, now=utc_now()):
        if file_name == name:
            disposition = f'inline; filename="{file_name}"'
            return HttpResponse(content, content_type=kind, headers={"Content-Disposition": disposition})
    raise Http404


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
