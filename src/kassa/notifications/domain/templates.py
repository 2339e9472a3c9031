"""An organisation says it in its own words, switches a message off, and sees what it looks like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from kassa.core.activity_log import record_activity, snapshot
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import ChangedMeanwhile, Locked, NotFound
from kassa.core.languages import Language
from kassa.core.permissions import Permission
from kassa.core.versions import require_version
from kassa.notifications.domain.check_words import check_words
from kassa.notifications.domain.compose import Composed, compose_with
from kassa.notifications.domain.context import values_of
from kassa.notifications.domain.facts import load_facts
from kassa.notifications.domain.sample import OF_EVENT, OF_TICKET, Sample, sample_of
from kassa.notifications.domain.texts import Words, default_words
from kassa.notifications.enums import MessageKind
from kassa.notifications.models import Message, MessageTemplate
from kassa.notifications.queries import templates_of
from kassa.orders.models import Order, Ticket
from kassa.organizations.queries import organization_settings


@dataclass(frozen=True, slots=True)
class TemplateView:
    """The words of one kind in one language: Kassa's own, and the organisation's where it has some."""

    kind: MessageKind
    language: Language
    standard: Words
    own: MessageTemplate | None
    """None: there are none, and the message is sent in Kassa's words."""


def view_templates(organization_id: UUID) -> list[TemplateView]:
    """Return the words of every kind in every language."""
    own = templates_of(organization_id)
    return [
        TemplateView(kind, language, default_words(kind, language), own.get((kind, language)))
        for kind in MessageKind
        for language in Language
    ]


def view_template(organization_id: UUID, kind: MessageKind, language: Language) -> TemplateView:
    """Return the words of one kind in one language."""
    own = templates_of(organization_id).get((kind, language))
    return TemplateView(kind, language, default_words(kind, language), own)


@command(Permission.MESSAGE_WRITE)
def set_template(
    context: CommandContext,
    kind: MessageKind,
    language: Language,
    *,
    words: Words,
    is_enabled: bool,
    expected: datetime | None = None,
) -> TemplateView:
    """Say a message in other words, or switch it off. Empty words stand for Kassa's own.

    Raises:
        TemplateNotUsable: the words cannot be used.
        ChangedMeanwhile: the organisation's own words are no longer the version that was ``expected``.
        Locked: somebody else sets the same ones at the same moment.
    """
    organization_id, now = context.organization_id, context.now
    settings = organization_settings(organization_id)
    check_words(settings, kind, language, words, now=now)
    try:
        with transaction.atomic():
            rows = MessageTemplate.objects.of(organization_id).filter(kind=kind, language=language)
            template, before = rows.select_for_update(no_key=True).first(), None
            if template is None:
                if expected is not None:
                    raise ChangedMeanwhile(None)
                template = MessageTemplate(organization_id=organization_id, kind=kind, language=language)
            else:
                require_version(template, expected)
                before = snapshot(template)
            template.subject, template.body = words.subject, words.body
            template.is_enabled, template.updated_at = is_enabled, now
            template.save()
            action = "message_template.created" if before is None else "message_template.changed"
            record_activity(context, action, template, before=before)
    except IntegrityError as error:
        raise Locked("The text is being changed by somebody else. Send it again.") from error
    return view_template(organization_id, kind, language)


@command(Permission.MESSAGE_WRITE)
def remove_template(context: CommandContext, kind: MessageKind, language: Language) -> None:
    """Go back to Kassa's words. Where there are no others, nothing changes."""
    with transaction.atomic():
        rows = MessageTemplate.objects.of(context.organization_id).filter(kind=kind, language=language)
        template = rows.select_for_update().first()
        if template is not None:
            record_activity(context, "message_template.deleted", template)
            rows.delete()


def preview_message(
    organization_id: UUID,
    kind: MessageKind,
    language: Language,
    *,
    words: Words,
    order_id: UUID | None,
    now: datetime,
) -> Composed:
    """Return a message as it would be, for an order or for one that nobody placed.

    Empty words stand for Kassa's own. Where an order lacks what the kind speaks of, such as a
    transfer, the rest of it is made up.

    Raises:
        NotFound: there is no such order.
        TemplateNotUsable: the words cannot be used.
    """
    settings = organization_settings(organization_id)
    standard = default_words(kind, language)
    check_words(settings, kind, language, words, now=now)
    used = Words(words.subject or standard.subject, words.body or standard.body)
    sample = sample_of(settings, kind, language, now=now)
    if order_id is not None:
        sample = _with_order(sample, organization_id, order_id)
    return compose_with(used, sample.message, sample.facts, values_of(sample.message, sample.facts))


def _with_order(sample: Sample, organization_id: UUID, order_id: UUID) -> Sample:
    order = Order.objects.of(organization_id).filter(id=order_id).first()
    if order is None:
        raise NotFound
    tickets = Ticket.objects.of(organization_id).filter(order_id=order_id).order_by("id")
    first = tickets.first()
    message: Message = sample.message
    if first is None and message.kind in OF_TICKET | OF_EVENT:
        return sample
    message.order_id = order_id
    message.ticket_id = first.id if first is not None and message.kind in OF_TICKET else None
    message.event_id = first.event_id if first is not None and message.kind in OF_TICKET | OF_EVENT else None
    message.recipient = order.customer_email
    message.recipient_name = f"{order.customer_first_name} {order.customer_last_name}".strip()
    return Sample(message, load_facts(organization_id, [message]))
