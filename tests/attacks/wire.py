"""Connections on which an attacker says byte by byte what is sent."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse

PATIENCE = 30.0


@contextmanager
def connections(port: int, count: int) -> Iterator[list[socket.socket]]:
    """Open so many connections, and close them afterwards."""
    opened: list[socket.socket] = []
    try:
        while len(opened) < count:
            opened.append(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
        yield opened
    finally:
        for connection in opened:
            connection.close()


def head(line: str, *headers: str) -> bytes:
    """Return the head of a request."""
    return "\r\n".join([f"{line} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]).encode()


def read_answer(connection: socket.socket) -> tuple[int, bytes]:
    """Return the status and the body of the next answer."""
    with HTTPResponse(connection) as response:
        response.begin()
        return response.status, response.read()


def get(port: int, path: str, *, timeout: float = PATIENCE) -> tuple[int, bytes]:
    """Ask as anybody would, on a connection of its own."""
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def send_much(connection: socket.socket, size: int) -> int:
    """Send so many bytes, or as many as are taken before an answer comes or the connection ends."""
    piece, sent = bytes(65_536), 0
    with suppress(ConnectionError):
        while sent < size and not select.select([connection], [], [], 0)[0]:
            sent += connection.send(piece[: size - sent])
    return sent
