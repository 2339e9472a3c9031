"""What granian calls for each request, from its head to its answer."""

from __future__ import annotations

import logging
from functools import partial
from io import BytesIO
from typing import Any

from kassa.api.breaker import note_failure
from kassa.api.problems import DATABASE_AWAY, database_away
from kassa.core.database import give_back_connection
from kassa.core.errors import BodyTooLarge, BodyTooSlow, KassaError
from kassa.route_classes import RouteClass, find_route_class
from kassa.runtime.front.answers import Application, answer
from kassa.runtime.front.bodies import Bodies, Body
from kassa.runtime.front.clients import count_request
from kassa.runtime.front.connections import Connections
from kassa.runtime.front.heads import body_length, build_environ, find_host
from kassa.runtime.front.lanes import Lane
from kassa.runtime.front.loop import ON_THIS_THREAD, FrontLoop
from kassa.runtime.front.refusals import HEALTH, answer_health, refuse
from kassa.runtime.front.rsgi import HTTPProtocol, Scope
from kassa.runtime.front.waits import Waits

logger = logging.getLogger("kassa.runtime")

SMALL = 64 * 1024
"""Up to so many bytes are read whoever sends them, and wherever."""
SWEEP_SECONDS = 0.5
"""How often is looked for bodies that are late, and for connections that are too many."""
STOP_SECONDS = 2.0
"""How long bodies may still take once the process is asked to stop."""


class Front:
    """Serves a WSGI application over granian's RSGI interface."""

    def __init__(
        self,
        application: Application,
        *,
        lanes: dict[str, Lane],
        waits: Waits,
        bodies: Bodies,
        connections: Connections,
    ) -> None:
        self._application = application
        self._lanes = lanes
        self._waits = waits
        self._bodies = bodies
        self._connections = connections

    def __rsgi_init__(self, loop: FrontLoop) -> None:
        """Begin, in the process that serves."""
        for lane in self._lanes.values():
            lane.start()
        loop.on_stop = partial(self._waits.stop, within=STOP_SECONDS)
        self._sweep(loop)

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer a request: on the network thread until it awaits a lane, then in a thread of that."""
        path, method = scope.path, scope.method
        if path == HEALTH and method in ("GET", "HEAD"):
            answer_health(protocol)
            return
        request = _Request(scope, protocol, find_route_class(method, path))
        lane = self._lanes[request.route_class.lane]
        try:
            await self._prepare(request, lane)
        except KassaError as error:
            request.close()
            refuse(error, scope, protocol, closes=request.must_close(error))
        except _ClientGone:
            request.close()
        else:
            try:
                answer(self._application, request.environ, protocol)
            except Exception:
                give_back_connection()  # as the application does where it does not fail
                raise
            finally:
                lane.note_answer()
                request.close()

    async def _prepare(self, request: _Request, lane: Lane) -> None:
        """Read a request as far as the application needs it, and go on in a thread of its lane.

        Raises:
            KassaError: it goes no further.
            _ClientGone: nobody waits for the answer any more.
        """
        request.length = body_length(request.scope)
        count_request(request.scope)
        lane.admit()
        if request.length != 0:
            await self._read_body(request, lane)
        entry = lane.enter()
        connection = _Connection(request.protocol) if lane.has_backlog else None
        await entry
        if connection is not None and connection.has_ended():
            raise _ClientGone
        lane.check_wait(entry)
        request.environ = build_environ(
            request.scope, request.body.file if request.body else BytesIO(), request.length or 0
        )

    async def _read_body(self, request: _Request, lane: Lane) -> None:
        route_class = request.route_class
        if request.is_large:
            if request.length is not None and request.length > route_class.body_limit:
                raise BodyTooLarge(route_class.body_limit)
            if route_class.check_head is not None:
                await lane.enter()
                _check_head(request)
        request.body = await self._bodies.read(
            request.protocol,
            request.length,
            limit=route_class.body_limit,
            host=partial(find_host, request.scope),
        )
        request.length = request.body.length

    def _sweep(self, loop: FrontLoop) -> None:
        self._waits.end_late()
        self._connections.end_surplus()
        loop.call_later(SWEEP_SECONDS, self._sweep, loop)


class _ClientGone(Exception):
    """The client has closed its connection."""


class _Request:
    """What the front knows of a request."""

    __slots__ = ("body", "environ", "length", "protocol", "route_class", "scope")

    def __init__(self, scope: Scope, protocol: HTTPProtocol, route_class: RouteClass) -> None:
        self.scope = scope
        self.protocol = protocol
        self.route_class = route_class
        self.length: int | None = None
        """Of the body; None: it comes in chunks, or the head does not say it plainly."""
        self.body: Body | None = None
        self.environ: dict[str, Any] = {}

    @property
    def is_large(self) -> bool:
        """Whether the body is, or may be, more than anybody may send."""
        return self.length is None or self.length > SMALL

    def must_close(self, error: KassaError) -> bool:
        """Say whether a refusal ends the connection: more may come that belongs to this request."""
        return self.body is None and (self.is_large or isinstance(error, BodyTooSlow))

    def close(self) -> None:
        """Let go of the body."""
        if self.body is not None:
            self.body.close()


class _Connection:
    """Notices when a client closes its connection while its request waits."""

    def __init__(self, protocol: HTTPProtocol) -> None:
        self._has_ended = False
        self._future: Any = protocol.client_disconnect()
        self._future.add_done_callback(self._end, context=ON_THIS_THREAD)

    def has_ended(self) -> bool:
        """Say whether it is closed, and look at it no longer."""
        if not self._has_ended:
            self._future.cancel()
        return self._has_ended

    def _end(self, _future: Any) -> None:
        self._has_ended = not self._future.cancelled()
        if self._has_ended:
            logger.debug("A client has left while its request waited.")


def _check_head(request: _Request) -> None:
    """Ask whether the sender of a large body is known, in a thread of the lane.

    Raises:
        KassaError: it is not, or the database does not answer.
    """
    assert request.route_class.check_head is not None  # noqa: S101 - for the type alone
    try:
        request.route_class.check_head(build_environ(request.scope, BytesIO(), request.length or 0))
    except DATABASE_AWAY as error:
        note_failure(error)
        raise database_away() from error
    finally:
        give_back_connection()
