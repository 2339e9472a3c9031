"""Which waiting room an address means, without asking the database each time."""

from __future__ import annotations

from uuid import UUID

from kassa.core.clock import utc_now
from kassa.core.errors import NotFound
from kassa.core.ttl_cache import TTLCache
from kassa.organizations.queries import find_organization_id
from kassa.waiting.domain.kept import Kept, kept_room

_organizations: TTLCache[str, UUID | None] = TTLCache(
    "organisations by slug", ttl=60.0, maxsize=5_000, wait=2.0
)


def organization_of(slug: str) -> UUID:
    """Return the organisation that an address names, by the slug it has or by one it had.

    Raises:
        NotFound: there is none, or it is gone.
        Busy: the database is slow to answer.
    """
    found = _organizations.get(slug, lambda: find_organization_id(slug))
    if found is None:
        raise NotFound("There is nothing at this address.")
    return found


def room_at(slug: str, event_id: UUID) -> Kept:
    """Return how the waiting room at an address stands, at most a second old.

    Raises:
        NotFound: there is no such organisation.
        Busy: the database is slow to answer.
    """
    return kept_room(organization_of(slug), event_id, now=utc_now())
