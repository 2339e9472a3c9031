"""A whole Kassa of a test's own: started, looked into, killed in part or as a whole, started again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from uuid import UUID

from kassa.runtime.cluster import Cluster
from kassa.runtime.database import cluster_folder
from tests.migrated import copy_migrated

ROOT = Path(__file__).parents[2]
SEED = """
import django
django.setup()
import json
from tests.factories import make_ticket_type
from tests.orders.world import World
world = World()
endless = make_ticket_type(world.event, quantity=1_000_000)
type(endless.quota).unscoped.update(capacity=1_000_000)
print(json.dumps({"secret": world.api.secret, "ticket_type": str(endless.id)}))
"""


START_SECONDS = 120


def wait_until(condition: Callable[[], object], *, seconds: float = 30) -> None:
    """Wait for a condition, for a bounded time."""
    deadline = time.monotonic() + seconds
    never = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        never.wait(0.02)


class Kassa:
    """`kassa serve` with its own data folder and port, and the settings of production or those given."""

    def __init__(self, **given: str) -> None:
        # A short path that the server's own user can enter.
        self.folder = Path(tempfile.mkdtemp(prefix="kk-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.data_dir = self.folder / ".kassa"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("KASSA_", "DJANGO_", "PG")) and name != "DATABASE_URL"
        }
        self.environment = {
            **kept,
            "KASSA_DATA_DIR": str(self.data_dir),
            "KASSA_PORT": str(self.port),
            "KASSA_DEMO": "0",
            "KASSA_WEB_THREADS": "8",
            **given,
        }
        self._log = (self.folder / "serve.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What it has said so far."""
        return (self.folder / "serve.log").read_text()

    @property
    def url(self) -> str:
        """The address of its database."""
        return Cluster(cluster_folder(self.data_dir)).url

    def start(self) -> None:
        """Start it and wait until it answers; the first time on a database that has all tables."""
        if not self.data_dir.exists():
            self.data_dir.mkdir(mode=0o755)
            copy_migrated(cluster_folder(self.data_dir))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kassa", "serve"],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        wait_until(self.answers, seconds=START_SECONDS)

    def answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def seed(self) -> dict[str, str]:
        """Make an organisation that sells; return its key and what it sells."""
        done = subprocess.run(
            [sys.executable, "-c", SEED],
            env={**self.environment, "DATABASE_URL": self.url, "DJANGO_SETTINGS_MODULE": "kassa.settings"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        seeded: dict[str, str] = json.loads(done.stdout)
        return seeded

    @property
    def supervisor(self) -> int:
        assert self._process is not None
        return self._process.pid

    def child(self, name: str) -> int | None:
        """Return the process id of `kassa web` or `kassa worker`; None while there is none."""
        found = [pid for pid in children_of(self.supervisor) if command_of(pid)[-2:] == ["kassa", name]]
        return found[0] if found else None

    def web_workers(self) -> list[int]:
        """Return the processes that answer requests."""
        web = self.child("web")
        return [pid for pid in children_of(web) if command_of(pid)[-2:] == ["kassa", "web"]] if web else []

    def postmaster(self) -> int | None:
        return Cluster(cluster_folder(self.data_dir)).pid

    def kill_everything(self) -> None:
        """Kill the supervisor and all that descends from it, the database too, at the same moment."""
        pids = stop_tree(self.supervisor)  # So that nobody sees another's end and ends in order.
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert self._process is not None
        self._process.wait(10)
        wait_until(lambda: not any(map(is_alive, pids)))

    def stop(self) -> None:
        """Stop it in order, and remove all it has written."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)
        self._log.close()
        shutil.rmtree(self.folder)


class Load:
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

    def __enter__(self) -> Load:
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


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started and that still run."""
    running = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return sorted(other for other in running if _parent(other) == pid)


def tree_of(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    return [pid, *(other for child in children_of(pid) for other in tree_of(child))]


def stop_tree(pid: int) -> set[int]:
    """Halt a process and all its descendants, those too that start or end meanwhile; return them."""
    halted: set[int] = set()
    while running := set(tree_of(pid)) - halted:
        for one in running:
            with suppress(ProcessLookupError):  # a connection's server process that has just ended
                os.kill(one, signal.SIGSTOP)
        halted |= running
    return halted


def command_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that has ended and waits for its parent does not."""
    return _parent(pid) is not None


def _parent(pid: int) -> int | None:
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (OSError, ValueError):
        return None
    return None if state == "Z" else int(parent)
