"""What roles may do, where a mistake would let somebody in."""

from __future__ import annotations

import pytest

from kassa.core.permissions import Permission
from kassa.identity.enums import Role
from kassa.identity.permissions import ROLE_PERMISSIONS


@pytest.mark.parametrize("role", Role)
def test_who_reads_what_lets_people_in_may_handle_tickets(role: Role) -> None:
    rights = ROLE_PERMISSIONS[role]

    assert (Permission.TICKET_READ in rights) == (Permission.TICKET_WRITE in rights)
