"""Bodies of requests: read within a size, a time and, for all together, a budget."""

from __future__ import annotations

import io
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import IO

from kassa.api.problems import BadRequest
from kassa.core.errors import BodyTooLarge, Busy
from kassa.runtime.front.rsgi import BROKEN, Future, HTTPProtocol
from kassa.runtime.front.waits import BODY_BROKEN, Waits

IN_ONE_PIECE = 16 * 1024
"""Up to so many bytes are asked for at once, and taken from the budget as they are announced.

Of longer bodies only what has come is taken, or few clients who announce much could use the budget up.
"""
IN_MEMORY = 1024 * 1024
"""Longer bodies go into a file."""
BYTES_PER_SECOND = 16 * 1024
"""How quickly a body has to come once its first seconds are over.

What came faster is no credit for a silence: that is never longer than the first seconds.
"""
FILES_PER_MEMORY = 4
"""How many times the budget of memory is on disk for all files together."""
SMALL_SHARE = 8
"""One of so many parts of the memory is for bodies of one piece alone.

So an order is read even while longer bodies use up all the rest.
"""
HOSTS = 8
"""How many hosts it takes at least to use a budget up."""


class Budget:
    """A number of bytes that all bodies of a process share, and of which one host has a part at most."""

    def __init__(self, total: int) -> None:
        self._left = total
        self._per_host = total // HOSTS
        self._of_hosts = Counter[str]()
        self._lock = threading.Lock()

    def take(self, count: int, host: str | None) -> None:
        """Use so many bytes for a host; None: hosts cannot be told apart.

        Raises:
            Busy: there are not so many left, or not for this host.
        """
        with self._lock:
            if count > self._left or (host is not None and self._of_hosts[host] + count > self._per_host):
                raise Busy("Very much is being sent just now. Try again in a moment.")
            self._left -= count
            if host is not None:
                self._of_hosts[host] += count

    def give_back(self, count: int, host: str | None) -> None:
        """Let others have what was used."""
        with self._lock:
            self._left += count
            if host is not None:
                self._of_hosts[host] -= count
                if not self._of_hosts[host]:
                    del self._of_hosts[host]


class Body:
    """What was read so far of a body, in memory or in a file without a name."""

    def __init__(self, memory: Budget, disk: Budget, folder: Path, *, host: str | None) -> None:
        self.file: IO[bytes] = io.BytesIO()
        self.length = 0
        self._memory = memory
        self._disk = disk
        self._folder = folder
        self._host = host
        self._budget = memory
        self.future: Future | None = None
        """What brings the whole body. None: it is there, or comes in pieces."""
        self.since = 0.0
        """When that began, by the monotonic clock."""

    @property
    def is_under_way(self) -> bool:
        """Whether the future has not brought it yet."""
        return self.future is not None and not self.future.done()

    def take_whole(self) -> bool:
        """Take what the future has brought, and say whether it has.

        Raises:
            BadRequest: the connection ended before the body was whole.
        """
        future = self.future
        if future is None:
            return True
        if not future.done():
            return False
        self.future = None
        try:
            self.file = io.BytesIO(bytes(future.result()))
        except BROKEN as error:
            raise BadRequest(BODY_BROKEN) from error
        return True

    def write(self, piece: bytes) -> None:
        """Add a piece. Raises Busy when too much is being read already."""
        if self._budget is self._memory and self.length + len(piece) > IN_MEMORY:
            self._move_to_disk()
        self.reserve(len(piece))
        self.file.write(piece)

    def reserve(self, count: int) -> None:
        """Make room for so many more bytes. Raises Busy when too much is being read already."""
        self._budget.take(count, self._host)
        self.length += count

    def close(self) -> None:
        """Let go of it; a file is gone then."""
        self.file.close()
        self._budget.give_back(self.length, self._host)
        self.length = 0

    def _move_to_disk(self) -> None:
        self._disk.take(self.length, self._host)
        self._memory.give_back(self.length, self._host)
        self._budget = self._disk
        held = self.file
        self.file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed with the body
        self.file.write(held.getvalue())  # type: ignore[attr-defined]  # it was in memory


class Bodies:
    """Reads the bodies of one process."""

    def __init__(self, waits: Waits, *, seconds: float, memory: int, folder: Path) -> None:
        self._waits = waits
        self._seconds = seconds
        self._folder = folder
        self._small = Budget(memory // SMALL_SHARE)
        self._memory = Budget(memory - memory // SMALL_SHARE)
        self._disk = Budget(memory * FILES_PER_MEMORY)

    def begin(
        self, protocol: HTTPProtocol, length: int, *, limit: int, host: Callable[[], str | None]
    ) -> Body:
        """Begin to read a body of one piece: mostly it is there when a thread is; else :meth:`finish`.

        Raises:
            BodyTooLarge: it is longer than `limit`.
            Busy: too much is being read already.
        """
        if length > limit:
            raise BodyTooLarge(limit)
        body = Body(self._small, self._disk, self._folder, host=host())
        body.reserve(length)
        body.since = time.monotonic()
        body.future = protocol()
        return body

    async def finish(self, body: Body, *, host: Callable[[], str | None]) -> None:
        """Wait for a body that was begun.

        Raises:
            BodyTooSlow: it comes too slowly.
            BadRequest: it ends before it is whole.
        """
        future, body.future = body.future, None
        assert future is not None  # noqa: S101 - for the type alone
        until = body.since + self._seconds
        whole = await self._waits.wait_for_bytes(future, since=body.since, until=until, host=host)
        body.file = io.BytesIO(whole)

    async def read(
        self, protocol: HTTPProtocol, length: int | None, *, limit: int, host: Callable[[], str | None]
    ) -> Body:
        """Read a whole body in pieces; None: it does not tell its length.

        Raises:
            BodyTooLarge: it is longer than `limit`.
            BodyTooSlow: it comes too slowly.
            Busy: too much is being read already.
            BadRequest: it ends before it is whole.
        """
        if length is not None and length > limit:
            raise BodyTooLarge(limit)
        body = Body(self._memory, self._disk, self._folder, host=host())
        try:
            await self._read_pieces(protocol, body, length, limit=limit, host=host)
            body.file.seek(0)
        except BaseException:
            body.close()
            raise
        return body

    async def _read_pieces(
        self,
        protocol: HTTPProtocol,
        body: Body,
        length: int | None,
        *,
        limit: int,
        host: Callable[[], str | None],
    ) -> None:
        started = last_piece = time.monotonic()
        pieces = protocol.__aiter__()
        empty = 0
        while True:
            earned = started + self._seconds + body.length / BYTES_PER_SECOND
            until = min(earned, last_piece + self._seconds)
            try:
                future = pieces.__anext__()  # an iterator whose futures are waited for in our own way
            except StopAsyncIteration:
                break
            piece = await self._waits.wait_for_bytes(future, since=started, until=until, host=host)
            last_piece = time.monotonic()
            empty += not piece
            if body.length + len(piece) > limit:
                raise BodyTooLarge(limit)
            body.write(piece)
        # One empty piece is the end. granian tells of a lost connection by an empty one before that.
        if empty > 1 or (length is not None and body.length != length):
            raise BadRequest(BODY_BROKEN)
