"""Every operation of the API, as the application itself registers them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kassa.api.application import api
from kassa.api.auth import Requires
from kassa.core.permissions import Permission

PREFIX = "/api/v1"
NAMES = {"provider": "manual", "wallet": "apple", "message_kind": "order_placed", "language": "en"}
"""Parameters that are names, the same ones for every organisation, with one there is."""


@dataclass(frozen=True)
class Operation:
    """One method of one address; ``permission`` is null if it asks for none."""

    method: str
    path: str
    permission: Permission | None
    or_else: Permission | None = None
    """Another permission that does as well."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        """The names of the path's parameters that are ids."""
        return [name for name in re.findall(r"{(?:\w+:)?(\w+)}", self.path) if name not in NAMES]

    def url(self, ids: dict[str, object]) -> str:
        """Return the address with ids in the place of its parameters."""
        path = re.sub(r"{(?:\w+:)?(\w+)}", lambda found: str({**NAMES, **ids}[found[1]]), self.path)
        return f"{PREFIX}{path}"


def _permissions(callbacks: object) -> tuple[Permission | None, Permission | None]:
    match callbacks:
        case [Requires(permission=permission, or_else=or_else)]:
            return permission, or_else
    return None, None


OPERATIONS = [
    Operation(method, path, *_permissions(operation.auth_callbacks))
    for router in api._get_bound_routers()
    for path, view in router.path_operations.items()
    for operation in view.operations
    for method in operation.methods
]
"""In the order in which addresses are tried."""

OPEN = {"POST /checkin-devices/enrol"}
"""Operations that ask for no key: what is sent is the key."""
CLOSED = [operation for operation in OPERATIONS if str(operation) not in OPEN]

WITH_ID = [operation for operation in OPERATIONS if operation.parameters]
