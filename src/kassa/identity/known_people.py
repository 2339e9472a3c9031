"""Who is known behind the addresses and references that clients name, as the sale asks for many at once.

A reference is matched with the subjects of all issuers: a client may send the ids of whichever service it
uses, and no setting says which one that is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from kassa.core.database import Statements, plain_array

FIND_PEOPLE = """
SELECT u.id,
       ARRAY(SELECT a.email FROM account_emailaddress a WHERE a.user_id = u.id AND a.verified),
       ARRAY(SELECT l.subject FROM identity_linkedidentity l WHERE l.user_id = u.id)
FROM identity_user u
WHERE u.id IN (
    SELECT unnest(%s::uuid[])
    UNION SELECT a.user_id FROM account_emailaddress a WHERE a.verified AND a.email = ANY(%s::text[])
    {by_reference})
ORDER BY u.id
"""
BY_REFERENCE = "UNION SELECT l.user_id FROM identity_linkedidentity l WHERE l.subject = ANY(%s::text[])"
FIND_PEOPLE_BY_REFERENCE = FIND_PEOPLE.format(by_reference=BY_REFERENCE)
FIND_PEOPLE_WITHOUT_REFERENCE = FIND_PEOPLE.format(by_reference="")


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A user with everything that is proven to be theirs."""

    user_id: UUID
    emails: tuple[str, ...]
    """Verified, as keys of addresses."""
    references: tuple[str, ...]
    """What services call them whose word Kassa takes; clients may name a customer by it."""


def find_people(
    database: Statements,
    *,
    user_ids: Collection[UUID],
    emails: Collection[str],
    references: Collection[str],
) -> list[KnownPerson]:
    """Find the users with these ids, verified addresses (as keys) or references, in one query."""
    parameters = [plain_array(user_ids), list(emails)]
    if references:
        found = database.queue(FIND_PEOPLE_BY_REFERENCE, [*parameters, list(references)])
    else:
        found = database.queue(FIND_PEOPLE_WITHOUT_REFERENCE, parameters)
    return [
        KnownPerson(user_id, tuple(sorted(addresses)), tuple(sorted(subjects)))
        for user_id, addresses, subjects in found
    ]
