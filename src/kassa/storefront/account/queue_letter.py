"""A letter filled in with the facts of its occasion, and left for the worker to send."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language

from kassa.identity.domain.account_mail import AccountLetter, write_account_mail
from kassa.notifications.jobs import defer_account_mail
from kassa.storefront.account.letters import Letter


def queue_letter(
    recipient: str, letter: Letter, facts: Mapping[str, Any], *, now: datetime, code: str | None = None
) -> None:
    """Write a letter in the present language for the worker to send: nobody waits for a mail server.

    ``code`` is the paragraph that is set apart, if there is one.
    """
    subject = str(letter.subject) % facts
    paragraphs = [str(paragraph) % facts for paragraph in letter.paragraphs]
    html = render_letter("accounts/mail.html", {"subject": subject, "paragraphs": paragraphs, "code": code})
    text = "\n\n".join(paragraphs) + "\n"
    write_account_mail(AccountLetter(recipient, subject, text, html), now=now)
    defer_account_mail()


def render_letter(template: str, context: Mapping[str, Any]) -> str:
    """Return a letter as HTML, in the present language."""
    shown = {"base_url": settings.BASE_URL, "language": get_language(), **context}
    return render_to_string(template, shown)
