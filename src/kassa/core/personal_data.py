"""What the domains know of people: each registers how its rows are found, handed out and forgotten.

A domain does so in its ``domain/personal_data.py``, for its own tables; `kassa.privacy` walks the registry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

NOBODY = "nobody@erased.invalid"
"""Stands where an e-mail address has to; nothing is ever sent there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSubject:
    """A person who asks what is known of them, and what of the sales is theirs, whoever sold it."""

    user_id: UUID
    emails: tuple[str, ...]
    """Proven to be theirs, in lower case."""
    order_ids: tuple[UUID, ...]
    ticket_ids: tuple[UUID, ...]
    """The tickets they hold, which others may have bought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A person who is forgotten by one organisation, inside the caller's transaction."""

    organization_id: UUID
    user_id: UUID
    emails: tuple[str, ...]
    """Proven to be theirs, in lower case."""
    typed_emails: tuple[str, ...]
    """Those and what stands on their orders, which may be another's: it counts on these orders only."""
    order_ids: tuple[UUID, ...]
    ticket_ids: tuple[UUID, ...]
    """The tickets they hold, which others may have bought."""
    salt: str
    """Thrown away afterwards: what was one customer stays one, for the books of coupons and bookings, and
    nobody can tell which."""
    now: datetime

    def execute(self, *statements: str) -> None:
        """Run statements of an eraser, each within the organisation."""
        parameters: dict[str, Any] = {
            "organization": self.organization_id,
            "orders": list(self.order_ids),
            "tickets": list(self.ticket_ids),
            "emails": list(self.emails),
            "typed": list(self.typed_emails),
            "user": self.user_id,
            "nobody": NOBODY,
            "salt": self.salt,
            "now": self.now,
        }
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement, parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """What an app keeps of people, and how it answers for it."""

    app: str
    """The label of the app."""
    erased: Mapping[str, tuple[str, ...]]
    """By table the columns that are emptied, made unrecognisable or deleted with their rows."""
    retained: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By table the columns that stay, because a law wants them to."""
    erase: Callable[[Erasure], None] | None = None
    """Forgets a person within one organisation. None: nothing of it belongs to organisations."""
    known_in: str = ""
    """A query for the organisations that know a person, by ``emails`` and ``user``. Empty: those of their
    orders are all."""
    export: Callable[[DataSubject, datetime], Mapping[str, Any]] | None = None
    """Returns what is handed out, by its name there: a row with ``organization_id`` gets its name instead.
    None: what only machines read."""
    files: Callable[[DataSubject], Iterable[tuple[str, bytes]]] | None = None
    """Returns the files a person has sent, with their names."""


_registered: dict[str, PersonalData] = {}


def register(data: PersonalData) -> None:
    """Let an app answer for what it keeps of people."""
    _registered[data.app] = data


def registered() -> tuple[PersonalData, ...]:
    """Return what was registered so far, in the order of registration."""
    return tuple(_registered.values())


def find_rows_by_email(model: Any, emails: Iterable[str], *fields: str) -> QuerySet[Any]:
    """Return the rows of any organisation in which one of these addresses stands, in any case."""
    lower = {f"{name}_lower": Lower(name) for name in fields}
    theirs = Q()
    for name in lower:
        theirs |= Q(**{f"{name}__in": tuple(emails)})
    found: QuerySet[Any] = model.unscoped.alias(**lower).filter(theirs).order_by("id")
    return found


def list_columns(rows: QuerySet[Any], columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return columns of tenant rows as they are handed out."""
    return list(rows.values("organization_id", *columns))
