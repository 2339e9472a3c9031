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
from kassa.runtime.front.bodies import IN_ONE_PIECE, Bodies, Body
from kassa.runtime.front.clients import count_request
from kassa.runtime.front.connections import Connections
from kassa.runtime.front.heads import body_length, build_environ, find_host
from kassa.runtime.front.lanes import Entry, Lane
from kassa.runtime.front.loop import ON_THIS_THREAD, FrontLoop
from kassa.runtime.front.refusals import HEALTH, answer_health, refuse
from kassa.runtime.front.rsgi import HTTPProtocol, Scope
from kassa.runtime.front.waits import Waits

logger = logging.getLogger("kassa.runtime")

SMALL = 64 * 1024
"""Up to so many bytes are read whoever sends them, and wherever."""
SWEEP_SECONDS = 0.5
"""How often is looked for what is late: bodies, clients that do not read, and those that have left."""
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
        self._waiting: set[_Request] = set()
        """The whole requests that wait for a thread."""

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
        request.length = length = body_length(request.scope)
        count_request(request.scope, request.find_host)
        lane.admit()
        if length is None or length > IN_ONE_PIECE:
            await self._read_body(request, lane)
        elif length:
            request.body = self._bodies.begin(
                request.protocol,
                length,
                limit=request.route_class.body_limit,
                host=request.find_host,
            )
        entry = await self._wait_for_thread(request, lane)
        while request.body is not None and (entry.was_left or not request.body.take_whole()):
            lane.note_pause()
            await self._bodies.finish(request.body, host=request.find_host)
            entry = await self._wait_for_thread(request, lane)
        request.environ = build_environ(
            request.scope, request.body.file if request.body else BytesIO(), request.length or 0
        )

    async def _wait_for_thread(self, request: _Request, lane: Lane) -> Entry:
        """Wait for a thread of a lane, or until the sweep sees that the body takes its time."""
        entry = request.entry = lane.enter()
        self._waiting.add(request)
        await entry
        self._waiting.discard(request)
        if request.has_been_left():
            raise _ClientGone
        lane.check_wait(entry)
        return entry

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
            host=request.find_host,
        )
        request.length = request.body.length

    def _sweep(self, loop: FrontLoop) -> None:
        loop.call_later(SWEEP_SECONDS, self._sweep, loop)  # whatever fails below
        self._waits.end_late()
        self._connections.end_surplus()
        for request in self._waiting.copy():
            if request.entry.seconds > SWEEP_SECONDS:
                request.watch()
                if request not in self._waiting:  # a thread has just taken it, and looks at this no more
                    request.has_been_left()
            if request.body is not None and request.body.is_under_way:
                request.entry.leave()


class _ClientGone(Exception):
    """The client has closed its connection."""


class _Request:
    """What the front knows of a request."""

    __slots__ = (
        "_connection",
        "_host",
        "body",
        "entry",
        "environ",
        "length",
        "protocol",
        "route_class",
        "scope",
    )

    def __init__(self, scope: Scope, protocol: HTTPProtocol, route_class: RouteClass) -> None:
        self.scope = scope
        self.protocol = protocol
        self.route_class = route_class
        self.length: int | None = None
        """Of the body; None: it comes in chunks, or the head does not say it plainly."""
        self.body: Body | None = None
        self.environ: dict[str, Any] = {}
        self._connection: _Connection | None = None
        self._host: tuple[str | None] | None = None
        self.entry: Entry
        """Where it waits for a thread, or has waited."""

    def find_host(self) -> str | None:
        """Return the host that it comes from, as it is counted. None: hosts cannot be told apart."""
        if self._host is None:
            self._host = (find_host(self.scope),)
        return self._host[0]

    @property
    def is_large(self) -> bool:
        """Whether the body is, or may be, more than anybody may send."""
        return self.length is None or self.length > SMALL

    def must_close(self, error: KassaError) -> bool:
        """Say whether a refusal ends the connection: more may come that belongs to this request."""
        is_unread = self.is_large if self.body is None else self.body.is_under_way
        return is_unread or isinstance(error, BodyTooSlow)

    def watch(self) -> None:
        """Begin to look whether the client leaves; most wait too short a time for that."""
        if self._connection is None:
            self._connection = _Connection(self.protocol)

    def has_been_left(self) -> bool:
        """Say whether the client has closed its connection, and look at it no longer."""
        return self._connection is not None and self._connection.has_ended()

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
