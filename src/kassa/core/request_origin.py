"""Where the request that is being answered comes from, for records that name it."""

from __future__ import annotations

from contextvars import ContextVar, Token
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from kassa.core.client_address import UNKNOWN_ADDRESS, client_address
from kassa.core.ids import new_id

MAX_USER_AGENT = 300

_request: ContextVar[HttpRequest | None] = ContextVar("kassa_request", default=None)


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """The address and the program of a client."""

    address: str | None
    """None: there is no request, as in the worker and on the command line, or no address is known."""
    user_agent: str


def begin_request(request: HttpRequest) -> Token[HttpRequest | None]:
    """Remember the request that this thread answers; give the token to :func:`end_request`."""
    return _request.set(request)


def end_request(token: Token[HttpRequest | None]) -> None:
    """Forget the request."""
    _request.reset(token)


def current_origin() -> RequestOrigin:
    """Return where the request that this thread answers comes from."""
    request = _request.get()
    if request is None:
        return RequestOrigin(None, "")
    user_agent = request.META.get("HTTP_USER_AGENT", "").replace("\x00", "")
    address = client_address(request).address
    return RequestOrigin(None if address == UNKNOWN_ADDRESS else address, user_agent[:MAX_USER_AGENT])


def current_request_id() -> UUID | None:
    """Return the id of the request that this thread answers; it gets one when that is first asked for.

    None: there is no request.
    """
    request = _request.get()
    if request is None:
        return None
    request_id: UUID = request.__dict__.setdefault("kassa_request_id", new_id())
    return request_id
