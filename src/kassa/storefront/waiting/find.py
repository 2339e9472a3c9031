"""Which waiting room an address means, without asking the database each time."""

from __future__ import annotations

import threading
import time
from uuid import UUID

from kassa.core.clock import utc_now
from kassa.core.errors import NotFound
from kassa.organizations.models import Organization
from kassa.waiting.domain.kept import Kept, kept_room

KNOWN_SECONDS = 60.0
"""How long a process believes whose a slug is."""
KNOWN_LIMIT = 5_000

_known: dict[str, tuple[float, UUID | None]] = {}
_guard = threading.Lock()


def organization_of(slug: str) -> UUID:
    """Return the organisation that an address names, by the slug it has or by one it had.

    Raises:
        NotFound: there is none, or it is gone.
    """
    known = _known.get(slug)
    if known is None or known[0] < time.monotonic():
        living = Organization.objects.filter(slugs__slug=slug, deleted_at=None)
        found = living.values_list("id", flat=True).first()
        known = (time.monotonic() + KNOWN_SECONDS, found)
        with _guard:
            if len(_known) >= KNOWN_LIMIT:
                _known.clear()
            _known[slug] = known
    if known[1] is None:
        raise NotFound("There is nothing at this address.")
    return known[1]


def forget_organizations() -> None:
    """Drop what this process keeps."""
    with _guard:
        _known.clear()


def room_at(slug: str, event_id: UUID) -> Kept:
    """Return how the waiting room at an address stands, at most a second old.

    Raises:
        NotFound: there is no such organisation.
        Busy: the database is slow to answer.
    """
    return kept_room(organization_of(slug), event_id, now=utc_now())
