"""The registry of events: what each type holds, who may read it, and what of it is about a person.

Each package declares its types in its ``events.py``; ``write_events`` refuses what is not declared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Annotated, TypeVar, dataclass_transform

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import module_has_submodule

from kassa.core.event_schemas import Format, Pattern
from kassa.core.permissions import Permission

Id = Annotated[str, Format("uuid")]
Moment = Annotated[str, Format("date-time")]
Amount = Annotated[str, Pattern(r"^-?\d+(\.\d+)?$")]
"""Money in the currency of the same event, with all its decimals."""


class Topic(StrEnum):
    """The streams that events are published in; within one, events of a key stay in order."""

    ORDERS = "orders"
    """Orders and everything about them: tickets, scans, payments, refunds, disputes."""
    EVENTS = "events"


class UnregisteredEventType(LookupError):
    """Somebody writes an event of a type that no package declares."""


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event; ``payload`` is the class of its data."""

    name: str
    payload: type
    permission: Permission
    topic: Topic
    subject: str
    """The collection that the subject is in: ``tickets`` of ``tickets/{id}``."""
    key: str | None
    """The field of the data by whose value events stay in order. None, or null there: the subject's id."""
    version: int = 1

    @property
    def schema_address(self) -> str:
        """Where the JSON schema of the data can be read."""
        return f"{settings.BASE_URL}/schemas/events/{self.name}/{self.version}"


EVENT_TYPES: dict[str, EventType] = {}
_BY_PAYLOAD: dict[type, EventType] = {}
Payload = TypeVar("Payload")


@dataclass_transform(frozen_default=True)
def event_type(
    name: str, *, permission: Permission, topic: Topic, subject: str, key: str | None = None
) -> Callable[[type[Payload]], type[Payload]]:
    """Make a class the frozen dataclass of an event's data, and declare the event."""

    def register(payload: type[Payload]) -> type[Payload]:
        made = dataclass(frozen=True, slots=True)(payload)
        if name in EVENT_TYPES:
            raise ValueError(f"{name} is declared twice.")
        EVENT_TYPES[name] = _BY_PAYLOAD[made] = EventType(name, made, permission, topic, subject, key)
        return made

    return register


def get_event_type(event: str | type) -> EventType:
    """Return the declaration of an event by its name or by the class of its data.

    Raises:
        UnregisteredEventType: no package declares it.
    """
    found = EVENT_TYPES.get(event) if isinstance(event, str) else _BY_PAYLOAD.get(event)
    if found is None:
        raise UnregisteredEventType(event)
    return found


def load_event_types() -> None:
    """Let every package of Kassa that has an ``events.py`` declare its types."""
    for app in apps.get_app_configs():
        if app.name.startswith("kassa.") and module_has_submodule(app.module, "events"):
            import_module(f"{app.name}.events")
