"""Is the web's port free, and does somebody answer there?"""

from __future__ import annotations

import errno
import http.client
import socket
import time
from collections.abc import Callable
from http import HTTPStatus

from kassa.runtime.errors import CannotStart

CLOSING_SECONDS = 2.0
"""A program that was just stopped needs a moment until its port is free."""
LINGER_SECONDS = 20.0
"""Web processes whose supervisor was killed finish what they are answering first; above their own limit."""


def check_port(host: str, port: int, *, is_lingering: Callable[[], bool] = lambda: False) -> None:
    """Raise CannotStart when the port cannot be listened on.

    The web server itself would not notice: it shares its port among its own processes, and so would
    share it with a stranger's. `is_lingering` says whether it is held by a web process of our own that
    has lost its supervisor: that one is waited for longer, because it is on its way out.
    """
    asked_at = time.monotonic()
    while (problem := _listening_problem(host, port)) is not None:
        is_taken = problem.errno == errno.EADDRINUSE
        waited = time.monotonic() - asked_at
        if is_taken and (waited < CLOSING_SECONDS or (waited < LINGER_SECONDS and is_lingering())):
            time.sleep(0.05)
            continue
        if is_taken:
            raise CannotStart(
                f"Port {port} on {host} is already in use. Stop the program that uses it, or choose "
                f"another port: KASSA_PORT={port + 1}"
            )
        raise CannotStart(
            f"Kassa cannot listen on {host} port {port} ({problem.strerror}). Set KASSA_HOST and "
            "KASSA_PORT to an address of this machine and a port that this user may open."
        )


def is_free(host: str, port: int) -> bool:
    """Say whether the port could be listened on now."""
    return _listening_problem(host, port) is None


def answers(host: str, port: int) -> bool:
    """Say whether a web server answers there, whatever it says; takes a second at most."""
    return _ask_health(host, port) is not None


def is_serving(host: str, port: int) -> bool:
    """Say whether a web server answers there that is well; takes a second at most."""
    return _ask_health(host, port) == HTTPStatus.OK


def _ask_health(host: str, port: int) -> int | None:
    """Return the status of an answer. None: there is none."""
    connection = http.client.HTTPConnection(reachable_host(host), port, timeout=1)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        return None
    else:
        return response.status
    finally:
        connection.close()


def reachable_host(host: str) -> str:
    """Return the address to call a server on that listens on `host`, which may mean all addresses."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104


def _listening_problem(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            return error
    return None
