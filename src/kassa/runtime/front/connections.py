"""Connections: how many one host may have, and how long it may take over its answers.

granian accepts connections and writes answers on its own, and says nothing about either. So this looks at
the sockets of the process now and then, and ends connections by shutting their sockets down: for granian,
the client has left then.
"""

from __future__ import annotations

import fcntl
import logging
import os
import socket
import struct
import termios
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kassa.core.client_address import is_proxy, parse_client_address

logger = logging.getLogger("kassa.runtime")

DESCRIPTORS = Path("/proc/self/fd")
ANSWER_SECONDS = 30.0
"""How long a client may let an answer lie."""
BYTES_PER_SECOND = 16 * 1024
"""For each so many bytes that it takes it has a second more."""
PAUSE = 1.0
PAUSE_PER_SECOND = 50
"""So many times as long as a look takes, the next one waits."""
BYTES_ACKNOWLEDGED = 120
"""Where Linux has them in its ``struct tcp_info``, as 64 bits."""
INFORMATION = 192
ON_CLOSE_AT_ONCE = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class _Unread:
    """An answer that a client has not taken yet."""

    since: float
    acknowledged: int
    """Bytes that the client had taken when it was seen first."""


class Connections:
    """The connections of a process; somebody has to call :meth:`end_surplus` now and then."""

    def __init__(self, port: int, *, per_host: int, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._port = port
        self._per_host = per_host
        self._answer_seconds = answer_seconds
        self._unread: dict[tuple[str, int], _Unread] = {}
        self._next_at = 0.0

    def end_surplus(self) -> None:
        """End connections whose client does not take its answer, and those that a host has above its limit.

        It does nothing if it has done so only just. Where a proxy stands before Kassa the connections are
        the proxy's, which are not limited in number.
        """
        started = time.monotonic()
        if started < self._next_at or not DESCRIPTORS.exists():
            return
        descriptors = sorted(int(entry.name) for entry in os.scandir(DESCRIPTORS))
        self._end_unread(descriptors)
        if len(descriptors) > self._per_host:
            self._end_beyond_limit(descriptors)
        ended = time.monotonic()
        self._next_at = ended + max(PAUSE, PAUSE_PER_SECOND * (ended - started))

    def _end_unread(self, descriptors: list[int]) -> None:
        seen: dict[tuple[str, int], _Unread] = {}
        now = time.monotonic()
        for connection, peer in self._accepted(descriptors, _has_unread):
            acknowledged = _count_acknowledged(connection)
            unread = seen[peer] = self._unread.get(peer) or _Unread(now, acknowledged)
            more = (acknowledged - unread.acknowledged) / BYTES_PER_SECOND
            if now - unread.since > self._answer_seconds + more:
                _end(connection)
                logger.debug("A client does not take its answer.")
        self._unread = seen

    def _end_beyond_limit(self, descriptors: list[int]) -> None:
        hosts = Counter[str]()
        for connection, (address, _) in self._accepted(descriptors):
            if not is_proxy(address):
                host = parse_client_address(address).host
                hosts[host] += 1
                if hosts[host] > self._per_host:
                    _end(connection)
        for host, count in hosts.items():
            if count > self._per_host:
                logger.warning(
                    "%s had %d connections; those above %d are ended.", host, count, self._per_host
                )

    def _accepted(
        self, descriptors: list[int], is_wanted: Callable[[int], bool] = lambda _: True
    ) -> Iterator[tuple[socket.socket, tuple[str, int]]]:
        """Iterate over the connections that clients have to Kassa, and the address and port of each client.

        The sockets are duplicates: a descriptor may mean something else from one moment to the next.
        """
        for descriptor in descriptors:
            if not is_wanted(descriptor):
                continue
            try:
                copy = _duplicate(descriptor)
            except OSError:  # closed since, or no socket
                continue
            with copy, suppress(OSError):
                if copy.family in (socket.AF_INET, socket.AF_INET6) and copy.getsockname()[1] == self._port:
                    yield copy, copy.getpeername()[:2]


def _duplicate(descriptor: int) -> socket.socket:
    """Return a socket of its own for a descriptor. Raises OSError when that is closed or no socket."""
    copy = os.dup(descriptor)
    try:
        return socket.socket(fileno=copy)
    except OSError:
        os.close(copy)
        raise


def _has_unread(descriptor: int) -> bool:
    try:
        (unread,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4)))
    except OSError:
        return False
    return bool(unread > 0)


def _count_acknowledged(connection: socket.socket) -> int:
    information = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, INFORMATION)
    return int(struct.unpack_from("=Q", information, BYTES_ACKNOWLEDGED)[0])


def _end(connection: socket.socket) -> None:
    """End a connection, and let the system forget at once what was not sent."""
    with suppress(OSError):  # the client has just ended it
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ON_CLOSE_AT_ONCE)
        connection.shutdown(socket.SHUT_RDWR)
