"""The mailbox: every kept message, as its reader would get it. It is there while messages are kept."""

from __future__ import annotations

from itertools import islice
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from kassa.core.clock import utc_now
from kassa.core.errors import KassaError
from kassa.core.languages import Language
from kassa.core.signatures import secret_keys
from kassa.identity.domain.account_mail import KeptLetter, kept_letter, kept_letters
from kassa.notifications.domain.account_mail import SENDER
from kassa.notifications.domain.attachments import attached_files, attachments_of
from kassa.notifications.domain.facts import load_facts
from kassa.notifications.domain.mailbox import mailbox_secret
from kassa.notifications.domain.transport import is_keeping
from kassa.notifications.models import Message
from kassa.notifications.queries import kept_message, kept_messages
from kassa.web.errors import ErrorPage
from kassa.web.headers import HIDDEN_ADDRESS, OWN, POLICY, build_policy
from kassa.web.pages import PageFrame

PAGE = 50
MESSAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""A message has its styles inside, and nothing in it runs."""


class MailboxFrame(PageFrame):
    """Let in whoever knows the address, while messages are kept; to all others there is nothing here."""

    headers = {
        POLICY: build_policy(style_src=OWN, img_src=OWN, frame_src=OWN),
        # The address is all that is needed to read: it is not passed on to what messages link to.
        **HIDDEN_ADDRESS,
    }
    layout = "mailbox/base.html"
    is_private = True

    def resolve_language(self, request: HttpRequest) -> str:
        """Return English, which is all that is written here."""
        return Language.ENGLISH

    def prepare(self, request: HttpRequest, named: dict[str, Any]) -> None:
        """Look at the secret.

        Raises:
            Http404: it is another one, or no messages are kept.
        """
        secret = named["secret"]
        if not is_keeping() or not any(
            constant_time_compare(secret, mailbox_secret(key)) for key in secret_keys()
        ):
            raise Http404

    def build_error(self, request: HttpRequest, error: Exception) -> ErrorPage:
        """Answer a refusal like any address that does not exist."""
        if isinstance(error, KassaError):
            raise Http404 from error
        return super().build_error(request, error)


MAILBOX = MailboxFrame()


@MAILBOX.page()
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
    return MAILBOX.render(request, "mailbox/list.html", context)


@MAILBOX.page()
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
    return MAILBOX.render(request, "mailbox/message.html", context)


@MAILBOX.page()
def message_html(request: HttpRequest, secret: str, message_id: UUID) -> HttpResponse:
    """Return the HTML of a message, for the frame; its links open in windows of their own."""
    html = kept_message(message_id).html.replace("<head>", '<head><base target="_blank">', 1)
    return HttpResponse(html, headers={POLICY: MESSAGE_POLICY})


@MAILBOX.page()
def one_letter(request: HttpRequest, secret: str, letter_id: UUID) -> HttpResponse:
    """Show a letter about an account."""
    context = {
        "secret": secret,
        "kept": kept_letter(letter_id),
        "sender": SENDER,
        "is_text": request.GET.get("as") == "text",
    }
    return MAILBOX.render(request, "mailbox/letter.html", context)


@MAILBOX.page()
def letter_html(request: HttpRequest, secret: str, letter_id: UUID) -> HttpResponse:
    """Return the HTML of a letter about an account, for the frame."""
    html = kept_letter(letter_id).letter.html.replace("<head>", '<head><base target="_blank">', 1)
    return HttpResponse(html, headers={POLICY: MESSAGE_POLICY})


@MAILBOX.page()
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
