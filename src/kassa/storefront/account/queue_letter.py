"""A letter filled in with the facts of its occasion, and left for the worker to send."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language

from kassa.core.colors import KASSA_COLOR
from kassa.identity.domain.account_mail import AccountLetter, write_account_mail
from kassa.notifications.domain.account_mail import SENDER
from kassa.notifications.domain.colors import colors_of, on_dark
from kassa.notifications.jobs import defer_account_mail
from kassa.pictures.addresses import mail_picture
from kassa.storefront.account.account_emails import Letter
from kassa.storefront.shops import Shop


def queue_letter(
    recipient: str, letter: Letter, facts: Mapping[str, Any], *, now: datetime, code: str | None = None
) -> None:
    """Write a letter in the present language for the worker to send: nobody waits for a mail server.

    ``code`` is the paragraph that is set apart, if there is one.
    """
    subject = str(letter.subject) % facts
    paragraphs = [str(paragraph) % facts for paragraph in letter.paragraphs]
    shown = {"subject": subject, "preview": paragraphs[0], "paragraphs": paragraphs, "code": code}
    html = render_letter("accounts/mail.html", shown)
    text = "\n\n".join(paragraphs) + "\n"
    write_account_mail(AccountLetter(recipient, subject, text, html), now=now)
    defer_account_mail()


def render_letter(template: str, context: Mapping[str, Any], *, shop: Shop | None = None) -> str:
    """Return a letter in the present language, as HTML with the look of a shop's messages, else of Kassa."""
    colors = colors_of(shop.primary_color if shop else KASSA_COLOR)
    shown = {
        "base_url": settings.BASE_URL,
        "language": get_language(),
        "shop": shop,
        "organization": {"name": shop.name if shop else SENDER},
        "logo": mail_picture(shop.logo) if shop else "",
        "colors": colors,
        "colors_dark": on_dark(colors.accent),
    }
    return render_to_string(template, {**shown, **context})
