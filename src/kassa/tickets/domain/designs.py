"""How tickets look: set for an organisation or for one event, tried out before it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import typst
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from kassa.catalog.models import Event
from kassa.core.activity_log import record_activity, snapshot
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import ChangedMeanwhile, Locked, NotFound
from kassa.core.permissions import Permission
from kassa.core.versions import require_version
from kassa.organizations.queries import organization_settings
from kassa.pictures.errors import PictureRefused
from kassa.tickets.domain.looks import plain_design
from kassa.tickets.domain.pictures import MAX_LOGO_BYTES, MAX_PICTURE_BYTES, check_picture
from kassa.tickets.domain.printed import designs_of
from kassa.tickets.domain.sample import sample_pdf
from kassa.tickets.models import TicketDesign


@dataclass(frozen=True, slots=True)
class Keep:
    """A picture that stays as it is."""


KEEP = Keep()


@dataclass(frozen=True, slots=True)
class NewDesign:
    """All that a design says. Of pictures None takes one away, and :data:`KEEP` leaves it."""

    primary_color: str = ""
    secondary_color: str = ""
    terms: Mapping[str, str] | None = None
    notes: Mapping[str, str] | None = None
    shows_price: bool = True
    logo: bytes | Keep | None = KEEP
    picture: bytes | Keep | None = KEEP


def design_of(organization_id: UUID, event_id: UUID | None) -> TicketDesign:
    """Return the design of an event, or with None the organisation's own.

    What was never set is returned as an organisation that chose nothing has it, without being written;
    for an event that is the organisation's own.

    Raises:
        NotFound: the organisation has no such event.
    """
    _check_event(organization_id, event_id)
    found = designs_of(organization_id, [] if event_id is None else [event_id])
    return found.get(event_id) or found.get(None) or plain_design(organization_id)


@command(Permission.ORGANIZATION_WRITE)
def set_design(context: CommandContext, new: NewDesign, *, expected: datetime | None = None) -> TicketDesign:
    """Set the organisation's own design, replacing what it said before.

    Raises:
        PictureRefused: a picture cannot be printed.
        Locked: somebody else sets the same design at the same moment.
        ChangedMeanwhile: it is no longer the version that was ``expected``, or was removed.
    """
    return _set(context, None, new, expected)


@command(Permission.OFFER_WRITE)
def set_event_design(
    context: CommandContext, event_id: UUID, new: NewDesign, *, expected: datetime | None = None
) -> TicketDesign:
    """Set the design of an event, replacing what it said before.

    Raises:
        NotFound: the organisation has no such event.
        PictureRefused: a picture cannot be printed.
        Locked: somebody else sets the same design at the same moment.
        ChangedMeanwhile: it is no longer the version that was ``expected``, or was removed.
    """
    context.actor.require_event(event_id)
    return _set(context, event_id, new, expected)


def _set(
    context: CommandContext, event_id: UUID | None, new: NewDesign, expected: datetime | None
) -> TicketDesign:
    organization_id, now = context.organization_id, context.now
    _check_event(organization_id, event_id)
    pictures = _checked(new)
    try:
        with transaction.atomic():
            designs = _designs(organization_id, event_id)
            found = designs.select_for_update(no_key=True).first()
            if found is None and expected is not None:
                raise ChangedMeanwhile(None)
            design, before = found or plain_design(organization_id), None
            if found is None:
                design.event_id, design.created_at = event_id, now
            else:
                require_version(found, expected)
                before = snapshot(found)
            design.primary_color, design.secondary_color = new.primary_color, new.secondary_color
            design.terms, design.notes = _texts(new.terms), _texts(new.notes)
            design.shows_price, design.updated_at = new.shows_price, now
            for name, (content, media_type) in pictures.items():
                setattr(design, name, content)
                setattr(design, f"{name}_type", media_type)
            _try_out(design, now=now)
            design.save()
            action = "ticket_design.created" if before is None else "ticket_design.changed"
            record_activity(context, action, design, before=before)
    except IntegrityError as error:
        raise Locked("The design is being changed by somebody else. Send it again.") from error
    return design


@command(Permission.ORGANIZATION_WRITE)
def remove_design(context: CommandContext) -> None:
    """Forget the organisation's design: its tickets then look like Kassa's own. Twice changes nothing."""
    _remove(context, None)


@command(Permission.OFFER_WRITE)
def remove_event_design(context: CommandContext, event_id: UUID) -> None:
    """Forget an event's design: its tickets then look like the organisation's. Twice changes nothing.

    Raises:
        NotFound: the organisation has no such event.
    """
    context.actor.require_event(event_id)
    _check_event(context.organization_id, event_id)
    _remove(context, event_id)


def _remove(context: CommandContext, event_id: UUID | None) -> None:
    with transaction.atomic():
        designs = _designs(context.organization_id, event_id)
        design = designs.select_for_update().first()
        if design is not None:
            record_activity(context, "ticket_design.deleted", design)
            designs.delete()


def preview_pdf(
    organization_id: UUID, event_id: UUID | None, *, language: str | None, now: datetime
) -> bytes:
    """Return a ticket that looks like an event's or the organisation's but lets nobody in.

    Raises:
        NotFound: the organisation has no such event.
    """
    design = design_of(organization_id, event_id)
    event = None if event_id is None else Event.objects.of(organization_id).get(id=event_id)
    return sample_pdf(organization_settings(organization_id), design, event=event, language=language, now=now)


def _designs(organization_id: UUID, event_id: UUID | None) -> QuerySet[TicketDesign]:
    designs = TicketDesign.objects.of(organization_id)
    return designs.filter(event=None) if event_id is None else designs.filter(event_id=event_id)


def _check_event(organization_id: UUID, event_id: UUID | None) -> None:
    if event_id is None:
        return
    if not Event.objects.of(organization_id).filter(id=event_id, deleted_at=None).exists():
        raise NotFound


def _texts(given: Mapping[str, str] | None) -> dict[str, str]:
    return {language: text.strip() for language, text in (given or {}).items() if text.strip()}


def _checked(new: NewDesign) -> dict[str, tuple[bytes | None, str]]:
    """Return the pictures that change, with what they are."""
    changed: dict[str, tuple[bytes | None, str]] = {}
    for name, given, most in (
        ("logo", new.logo, MAX_LOGO_BYTES),
        ("picture", new.picture, MAX_PICTURE_BYTES),
    ):
        if given is None:
            changed[name] = (None, "")
        elif not isinstance(given, Keep):
            changed[name] = (given, check_picture(given, max_bytes=most, field=name))
    return changed


def _try_out(design: TicketDesign, *, now: datetime) -> None:
    """Print a sample with a design: better it fails now than when a buyer wants a ticket."""
    settings = organization_settings(design.organization_id)
    try:
        sample_pdf(settings, design, event=None, language=None, now=now)
    except typst.TypstError as error:
        raise PictureRefused(f"A picture cannot be drawn: {error.message}", field="logo") from error
