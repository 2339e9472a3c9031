"""One host has a limited number of connections, and each takes its answer in time or ends."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from kassa.runtime.front.connections import Connections
from tests.runtime.front.served import Connection, Served, served
from tests.support.conditions import wait_until

Start = Callable[..., Served]
LIMIT, MANY = 20, 50
CROWD, PROXY, VISITOR = "127.0.0.2", "127.0.0.3", "127.0.0.4"
LENGTH = 1000
FLOOD = 40_000_000


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(served(tmp_path, **settings))


def test_one_host_has_a_limit_of_connections(start: Start) -> None:
    site = start(connections_per_host=LIMIT, body_seconds=60)
    [visitor] = begin_bodies(site, 1, host=VISITOR)
    crowd = begin_bodies(site, MANY, host=CROWD)
    wait_until(lambda: f"{CROWD} had " in site.log())
    wait_until(lambda: sum(map(has_ended, crowd)) == MANY - LIMIT)
    assert [finish(each) for each in crowd].count(200) == LIMIT
    assert finish(visitor) == 200


def test_below_the_limit_no_connection_is_ended(start: Start) -> None:
    site = start(connections_per_host=MANY, body_seconds=60)
    crowd = begin_bodies(site, MANY, host=CROWD)
    look_at_connections(site)
    assert [finish(each) for each in crowd] == [200] * MANY


def test_a_proxy_has_as_many_as_it_likes(start: Start) -> None:
    site = start(connections_per_host=LIMIT, body_seconds=60)
    named = site.connect(PROXY).head("GET /x", "X-Forwarded-For: 198.51.100.7").answer()
    assert named.status == 200
    proxied = begin_bodies(site, MANY, host=PROXY)
    look_at_connections(site)
    assert [finish(each) for each in proxied] == [200] * MANY


def test_who_does_not_take_an_answer_is_sent_away(start: Start) -> None:
    site = start(answer_seconds=1)
    lying = site.connect().head("GET /flood")
    wait_until(lambda: "does not take its answer" in site.log())
    received = b""
    with suppress(ConnectionResetError):
        received = lying.rest()
    assert len(received) < FLOOD
    taken = site.connect().head("GET /flood").answer()
    assert (taken.status, len(taken.body)) == (200, FLOOD)


def test_looking_at_connections_leaves_nothing_open() -> None:
    """What is no socket, such as a pipe or a file, is looked at and let go of."""
    with socket.create_server(("127.0.0.1", 0)) as server, ExitStack() as stack:
        port = server.getsockname()[1]
        stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        stack.enter_context(server.accept()[0])
        for end in os.pipe():
            stack.callback(os.close, end)
        before = sorted(Path("/proc/self/fd").iterdir())
        for _ in range(3):
            Connections(port, per_host=1).end_surplus()

        assert sorted(Path("/proc/self/fd").iterdir()) == before


def begin_bodies(site: Served, count: int, *, host: str) -> list[Connection]:
    """Send all but one byte of a body over many connections of a host; some may be ended meanwhile."""
    begun = [site.connect(host) for _ in range(count)]
    for connection in begun:
        with suppress(OSError):
            connection.head("POST /files", f"Content-Length: {LENGTH}").send(bytes(LENGTH - 1))
    return begun


def finish(connection: Connection) -> int | None:
    """Send the last byte; return the status of the answer. None: the connection was ended."""
    try:
        return connection.send(b"x").answer().status
    except OSError:
        return None


def has_ended(connection: Connection) -> bool:
    connection.socket.setblocking(False)
    try:
        return connection.socket.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True
    finally:
        connection.socket.settimeout(30)


def look_at_connections(site: Served) -> None:
    """Let the process look at its connections: another host has one too many, which it notices."""
    begin_bodies(site, site.connections_per_host + 1, host=VISITOR)
    wait_until(lambda: f"{VISITOR} had " in site.log())
