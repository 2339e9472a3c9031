from __future__ import annotations

from kassa.core.errors import Forbidden, Unauthenticated


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
