from __future__ import annotations

from collections.abc import Iterable

from kassa.core.errors import Conflict, Forbidden, Unauthenticated


class KeyMissing(Unauthenticated):
    """The request carries no API key."""

    code = "key_missing"

    def __init__(self) -> None:
        super().__init__("Send an API key in the header 'Authorization: Bearer <key>'.")


class KeyInvalid(Unauthenticated):
    """The key is unknown, revoked or expired; which of them is not told."""

    code = "key_invalid"

    def __init__(self) -> None:
        super().__init__("The API key is unknown, revoked or expired. Make a new one and send that.")


class PermissionMissing(Forbidden):
    """The key or the member lacks a right."""

    code = "permission_missing"

    def __init__(self, permission: str) -> None:
        super().__init__(
            f"This needs the permission '{permission}'. Ask an owner of the organisation for it.",
            permission=str(permission),
        )


class RightsBeyondOwn(Forbidden):
    """The member has, or would get, rights that the one who asks does not have."""

    code = "rights_beyond_own"

    def __init__(self, permissions: Iterable[str]) -> None:
        missing = sorted(str(permission) for permission in permissions)
        super().__init__(
            f"You do not have {', '.join(missing)} yourself. Ask someone who has.", permissions=missing
        )


class LastOwner(Conflict):
    """An organisation has at least one owner."""

    code = "last_owner"

    def __init__(self) -> None:
        super().__init__("This is the last owner. Make another member an owner first.")
