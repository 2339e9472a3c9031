"""What can go wrong, as facts: a stable code, an HTTP status, a sentence and typed details."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class KassaError(Exception):
    """The base of every error that a client may see.

    A subclass names its ``code`` (never changed once published), its HTTP ``status`` and the
    ``title`` all its cases share. ``detail`` is a plain sentence that says what to do;
    ``details`` are the facts in it, for programs.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"
    retry_after: int | None = None
    """Seconds after which the same request may succeed; sent as ``Retry-After``."""
    headers: Mapping[str, str] = {}
    """Further headers of the answer."""

    def __init__(self, detail: str, **details: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.details = details

    @property
    def answer_headers(self) -> dict[str, str]:
        """All headers of its answer that do not depend on how it is written."""
        wait = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return {**wait, **self.headers}


class NotFound(KassaError):
    """There is no such object, or none that this actor may see: the two look the same."""

    code = "not_found"
    status = 404
    title = "Not found"

    def __init__(self, detail: str = "There is no such object in your organisation.", **details: Any) -> None:
        super().__init__(detail, **details)


class InvalidInput(KassaError):
    """The payload is not of the right shape; ``field`` says where."""

    code = "invalid_input"
    status = 422
    title = "The request is not valid"

    def __init__(self, detail: str, *, field: str | None = None, **details: Any) -> None:
        self.field = field
        errors = [{"field": field, "message": detail}] if field else []
        super().__init__(detail, **({"errors": errors} if errors else {}), **details)


class Conflict(KassaError):
    """The state of things does not allow it now."""

    code = "conflict"
    status = 409
    title = "Not possible in the present state"


class AlreadyExists(Conflict):
    """Another object has the name, code or key that must be unique."""

    code = "already_exists"
    title = "It exists already"


class StillInUse(Conflict):
    """Something else points at the object, so it cannot go or change that way."""

    code = "still_in_use"
    title = "It is still in use"


class Unauthenticated(KassaError):
    """No key, or not one that is valid."""

    code = "unauthenticated"
    status = 401
    title = "Who is asking is not known"


class Forbidden(KassaError):
    """The actor is known but lacks the right; ``permission`` names it."""

    code = "forbidden"
    status = 403
    title = "Not allowed"


class Busy(KassaError):
    """Too many are waiting, or the database does not answer; repeat it, a write under the same key."""

    code = "busy"
    status = 503
    title = "Too busy just now"
    retry_after = 1


class UpgradeUnderWay(Busy):
    """The database is being brought up to date after an upgrade; nothing was done."""

    code = "upgrade_under_way"
    title = "Back in a moment"
    retry_after = 15

    def __init__(self) -> None:
        super().__init__(
            "Kassa is being upgraded, which takes a moment. Nothing was done; send it again then."
        )


class BodyTooLarge(KassaError):
    """The body of the request is longer than is read at this address; ``limit`` is in bytes."""

    code = "body_too_large"
    status = 413
    title = "The request is too large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"Send at most {limit} bytes at once.", limit=limit)


class BodyTooSlow(KassaError):
    """The body of the request did not come in time; nothing was done."""

    code = "body_too_slow"
    status = 408
    title = "The request came too slowly"

    def __init__(self) -> None:
        super().__init__("The body of the request did not arrive in time. Send it again, more quickly.")


class Locked(Conflict):
    """Another change holds the same rows; nothing was done."""

    code = "locked"
    title = "Another change is under way"
    retry_after = 1


class ChangedMeanwhile(KassaError):
    """The object is no longer as the client read it: read it again, then decide anew."""

    code = "changed_meanwhile"
    status = 412
    title = "Somebody else has changed it"

    def __init__(self, current: Any) -> None:
        super().__init__("It was changed after you read it. Read it again, and repeat what you still want.")
        self.current = current
        """The object in its present state."""


class PermissionMissing(Forbidden):
    """The key or the member lacks a right."""

    code = "permission_missing"

    def __init__(self, permission: str) -> None:
        super().__init__(
            f"This needs the permission '{permission}'. Ask an owner of the organisation for it.",
            permission=str(permission),
        )
