"""Client threads that keep a running Kassa selling."""

from __future__ import annotations

import json
import threading
import time
from functools import partial
from http.client import HTTPConnection, HTTPException
from typing import Any
from uuid import UUID

from tests.support.conditions import wait_until


class OrderLoad:
    """Client threads that place orders over HTTP as fast as they are answered."""

    def __init__(self, port: int, seeded: dict[str, str], *, clients: int = 4) -> None:
        self._port = port
        self._body = json.dumps(
            {
                "lines": [{"ticket_type": seeded["ticket_type"], "quantity": 2}],
                "customer": {"email": "ada@example.com"},
            }
        )
        self._secret = seeded["secret"]
        self._prefix = f"load-{time.monotonic_ns()}"
        self.answered: dict[str, UUID] = {}
        self.unanswered: list[str] = []
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._buy, args=(n,), daemon=True) for n in range(clients)]

    def __enter__(self) -> OrderLoad:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in self._threads)

    @property
    def keys(self) -> list[str]:
        return [*self.answered, *self.unanswered]

    def wait_for_more(self, count: int) -> None:
        """Wait until so many more orders have been placed."""
        goal = len(self.answered) + count
        wait_until(lambda: len(self.answered) >= goal)

    def repeat_unanswered(self) -> None:
        """Send every order that had no answer again, with its key, until it has one."""
        for key in self.unanswered:
            wait_until(partial(self._send, key))
        self.unanswered.clear()

    def _buy(self, number: int) -> None:
        nth = 0
        while not self._stopping.is_set():
            nth += 1
            key = f"{self._prefix}-{number}-{nth}"
            if self._send(key) is None:
                self.unanswered.append(key)
                self._stopping.wait(0.05)  # Nobody is there just now.

    def _send(self, key: str) -> UUID | None:
        """Place an order; None: no answer, or one that says to try again."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=20)
        headers = {
            "Authorization": f"Bearer {self._secret}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        try:
            connection.request("POST", "/api/v1/orders", self._body, headers)
            response = connection.getresponse()
            body: Any = json.loads(response.read())
        except (OSError, HTTPException, ValueError):
            return None
        finally:
            connection.close()
        if response.status != 201:
            assert response.status == 503, body
            return None
        order_id = UUID(body["id"])
        assert self.answered.setdefault(key, order_id) == order_id
        return order_id
