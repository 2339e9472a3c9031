"""Who sends bodies a byte at a time wants to hold every thread, so that nobody else is answered."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.attacks.wire import connections, get, head, read_answer
from tests.support.conditions import wait_until
from tests.support.kassa_process import KassaProcess
from tests.support.order_load import OrderLoad

BODIES = 30
"""With two processes of four threads; of a Kassa with its default settings it takes 140."""
FORM = ("Content-Type: application/x-www-form-urlencoded", "Content-Length: 1000")
BY_THREADS = """
import sys
from granian.constants import Interfaces
from granian.server import Server

def application(environ, start_response):
    environ["wsgi.input"].read()
    start_response("200 OK", [])
    return [b"ok"]

Server("x", port=int(sys.argv[1]), interface=Interfaces.WSGI, workers=1, blocking_threads=4).serve(
    target_loader=lambda: application, wrap_loader=False
)
"""


@pytest.mark.parametrize("path", ["/account/login/", "/api/v1/orders", "/webhooks/stripe", "/nowhere"])
def test_slow_bodies_keep_nobody_from_being_answered(kassa: KassaProcess, path: str) -> None:
    seeded = kassa.seed()
    with connections(kassa.port, BODIES) as attackers:
        for connection in attackers:
            connection.sendall(head(f"POST {path}", *FORM) + b"a")
        with OrderLoad(kassa.port, seeded, clients=2) as load:
            load.wait_for_more(5)
            for _ in range(10):
                assert get(kassa.port, "/healthz") == (200, b"ok\n")
                assert get(kassa.port, "/api/v1/problems")[0] == 200
        assert not select.select(attackers, [], [], 0)[0], "the attack was over before anybody asked"
        for connection in attackers:
            assert read_answer(connection)[0] == 408


def test_a_byte_now_and_then_does_not_keep_a_body_alive(kassa: KassaProcess) -> None:
    with connections(kassa.port, BODIES) as attackers:
        for connection in attackers:
            connection.sendall(head("POST /account/login/", *FORM))
        alive = list(attackers)
        while alive:
            answered, _, _ = select.select(alive, [], [], 0.5)
            for connection in answered:
                assert read_answer(connection)[0] == 408
            alive = [connection for connection in alive if connection not in answered]
            for connection in alive:
                connection.sendall(b"a")
            assert get(kassa.port, "/healthz")[0] == 200


def test_control_slow_bodies_that_arrive_are_answered(kassa: KassaProcess) -> None:
    """It is not that such requests are refused from the start."""
    with connections(kassa.port, BODIES) as clients:
        for connection in clients:
            connection.sendall(head("POST /api/v1/orders", "Content-Length: 1000") + b"a")
        assert get(kassa.port, "/healthz")[0] == 200
        for connection in clients:
            connection.sendall(b"a" * 999)
        for connection in clients:
            status, body = read_answer(connection)
            assert (status, b"key_missing" in body) == (401, True)


@pytest.fixture
def port_by_threads() -> Iterator[int]:
    """The same web server, reading bodies in as many threads as the attacked Kassa has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", BY_THREADS, str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until(lambda: is_answered(port))
        yield port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def is_answered(port: int, *, patience: float = 5) -> bool:
    try:
        return get(port, "/", timeout=patience)[0] == 200
    except OSError:
        return False


def test_control_the_same_attack_stops_threads_that_read_bodies(port_by_threads: int) -> None:
    with connections(port_by_threads, BODIES) as attackers:
        for connection in attackers:
            connection.sendall(head("POST /account/login/", *FORM) + b"a")
        wait_until(lambda: not is_answered(port_by_threads, patience=2))
        with connections(port_by_threads, 1) as [visitor]:
            visitor.sendall(head("GET /"))
            assert select.select([visitor], [], [], 2)[0] == []
            for connection in attackers:
                connection.sendall(b"a" * 999)
            assert read_answer(visitor)[0] == 200
