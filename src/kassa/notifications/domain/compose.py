"""A message gets its words: subject, text and HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from kassa.core.email_addresses import display_email
from kassa.notifications.domain.attachments import unprintable_remark
from kassa.notifications.domain.blocks import draw_block
from kassa.notifications.domain.colors import colors_of, on_dark
from kassa.notifications.domain.context import values_of
from kassa.notifications.domain.drawn import MARKED, Drawn
from kassa.notifications.domain.facts import Facts
from kassa.notifications.domain.markdown import Colors, draw
from kassa.notifications.domain.phrases import phrase
from kassa.notifications.domain.placeholders import BLOCKS
from kassa.notifications.domain.texts import Words, default_words
from kassa.notifications.domain.unsubscribe import build_unsubscribe_link
from kassa.notifications.domain.wording import Block, TextUnusable, fill, one_line, parse_body, parse_subject
from kassa.notifications.enums import MessageKind
from kassa.notifications.models import Message
from kassa.pictures.addresses import mail_picture

LONGEST_SUBJECT = 200
PREVIEW = 140


@dataclass(frozen=True, slots=True)
class Composed:
    """The words of one message."""

    subject: str
    text: str
    html: str
    remark: str = ""
    """Why an organisation's own words were not used, and what could not be printed; empty: nothing of it."""


def compose(message: Message, facts: Facts) -> Composed:
    """Return a message in its organisation's words, or in Kassa's where those cannot be used."""
    standard = default_words(message.kind, message.language)
    own = facts.templates.get((message.kind, message.language))
    values = values_of(message, facts)
    remarks = [unprintable_remark(message, facts)]
    if own is not None and (own.subject or own.body):
        words = Words(own.subject or standard.subject, own.body or standard.body)
        try:
            return _with_remarks(compose_with(words, message, facts, values), remarks)
        except TextUnusable as error:
            where = f" (line {error.line})" if error.line else ""
            remarks.append(f"Kassa's own words were used: {error.problem}{where}")
    return _with_remarks(compose_with(standard, message, facts, values), remarks)


def _with_remarks(composed: Composed, remarks: Sequence[str]) -> Composed:
    return replace(composed, remark=" ".join(remark for remark in remarks if remark))


def compose_with(words: Words, message: Message, facts: Facts, values: Mapping[str, Any]) -> Composed:
    """Return a message in these words.

    Raises:
        TextUnusable: they name what there is not, or go on for too long.
    """
    subject = one_line(fill(parse_subject(words.subject), values))[:LONGEST_SUBJECT]
    source = fill(parse_body(words.body), values)
    if values.get("tickets_pdf") and "tickets_pdf" not in words.body:
        source += f"\n\n[{phrase('download', message.language)}]({values['tickets_pdf']})"
    if values.get("bank_transfer", {}).get("due") and "bank_" not in words.body:
        source += f"\n\n{Block('bank_details').mark}"
    colors = colors_of(facts.settings.primary_color)
    blocks = {name: draw_block(name, message, facts, colors) for name in BLOCKS & set(MARKED.findall(source))}
    drawn = draw(source, blocks, colors)
    why = _why(message, facts)
    return Composed(
        subject=subject or facts.organization.name,
        text=_text(drawn, facts, message, why),
        html=_html(drawn, facts, message, colors, {"subject": subject, "why": why}),
    )


def _html(drawn: Drawn, facts: Facts, message: Message, colors: Colors, words: Mapping[str, str]) -> str:
    organization = facts.organization
    return render_to_string(
        "notifications/message.html",
        {
            "language": message.language,
            **words,
            "preview": " ".join(drawn.text.split())[:PREVIEW],
            "organization": organization,
            "logo": mail_picture(organization.logo),
            # Made by the Markdown renderer, which knows no HTML but its own.
            "body": SafeString(drawn.html),
            "colors": colors,
            "colors_dark": on_dark(colors.accent),
            "questions": phrase("questions", message.language),
            "unsubscribe_link": build_unsubscribe_link(message) or "",
            "unsubscribe": phrase("unsubscribe", message.language),
            "unsubscribe_here": phrase("unsubscribe_here", message.language),
        },
    )


def _text(drawn: Drawn, facts: Facts, message: Message, why: str) -> str:
    organization = facts.organization
    lines = [drawn.text, "", "-- ", why, one_line(organization.name)]
    if organization.email:
        lines.append(f"{phrase('questions', message.language)} {one_line(display_email(organization.email))}")
    if link := build_unsubscribe_link(message):
        lines.append(f"{phrase('unsubscribe', message.language)} {link}")
    return "\n".join(lines) + "\n"


def _why(message: Message, facts: Facts) -> str:
    if message.kind == MessageKind.TICKET_TRANSFER_OFFERED:
        return phrase("why_offer", message.language)
    if message.ticket_id is not None:
        return phrase("why_ticket", message.language)
    number = facts.orders[message.order_id].number
    return phrase("why_order", message.language).format(number=number)
