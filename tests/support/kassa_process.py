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
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from kassa.runtime.cluster import Cluster
from kassa.runtime.database import cluster_folder
from tests.support.conditions import wait_until
from tests.support.process_tree import children_of, command_of, is_alive, stop_tree
from tests.support.template_database import copy_migrated

ROOT = Path(__file__).parents[2]
SEED = """
import django
django.setup()
import json
from tests.support.factories import make_ticket_type
from tests.support.sale_world import World
world = World()
endless = make_ticket_type(world.event, quantity=1_000_000)
type(endless.quota).unscoped.update(capacity=1_000_000)
print(json.dumps({"secret": world.api.secret, "ticket_type": str(endless.id)}))
"""


START_SECONDS = 120


class KassaProcess:
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
