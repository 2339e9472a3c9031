"""What changed about an event, as its guests read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kassa.catalog.models import Event
from kassa.core.formatting import format_datetime, zone_named
from kassa.notifications.domain.facts import Facts
from kassa.notifications.domain.phrases import phrase
from kassa.notifications.models import Message

MOMENTS = ("starts_at", "ends_at")
PLACES = ("address", "city", "state", "zip_code", "country")
COLUMNS = {"title": "title", "venue": "venue_name", "origin": "origin", "destination": "destination"}


def changes_of(message: Message, facts: Facts) -> list[dict[str, str | None]]:
    """Return what changed: its name, what it was before and what it is now, nulls where there is nothing."""
    if message.event_id is None:
        return []
    event = facts.events[message.event_id]
    previous: Mapping[str, Any] = message.facts.get("previous", {})
    found = []
    for name in message.facts.get("changed", ()):
        before, after = _values(name, event, previous, message.language)
        found.append({"what": phrase(name, message.language), "before": before, "now": after})
    return found


def _values(
    name: str, event: Event, previous: Mapping[str, Any], language: str
) -> tuple[str | None, str | None]:
    if name in MOMENTS:
        zone, zone_before = (
            zone_named(event.time_zone),
            zone_named(previous.get("time_zone", event.time_zone)),
        )
        was, now = previous.get(name), getattr(event, name)
        before = format_datetime(datetime.fromisoformat(was), zone_before, language) if was else None
        return before, format_datetime(now, zone, language) if now else None
    if name == "address":
        now_at = {column: getattr(event, column) for column in PLACES}
        return _place({**now_at, **previous}), _place(now_at)
    if name == "virtual_event_url":
        return None, phrase("new_link", language)
    column = COLUMNS.get(name, name)
    return previous.get(column) or None, getattr(event, column) or None


def _place(columns: Mapping[str, str]) -> str | None:
    town = " ".join(part for part in (columns["zip_code"], columns["city"]) if part)
    return ", ".join(part for part in (columns["address"], town, columns["state"]) if part) or None
