"""Folders, processes and patience for the tests of starting and stopping."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from kassa.runtime.cluster import Cluster

PATIENCE_SECONDS = 120
"""How long a condition may take on a very busy machine; others wait for no more than they must."""
QUICK = {"fsync": "off", "shared_buffers": "32MB", "max_connections": "20"}


class WaitUntil(Protocol):
    def __call__(self, condition: Callable[[], object], *, seconds: float = PATIENCE_SECONDS) -> None: ...


class StartScript(Protocol):
    def __call__(self, code: str, *arguments: str) -> subprocess.Popen[str]: ...


class RunKassa(Protocol):
    def __call__(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def wait_until() -> WaitUntil:
    """Wait for a condition, for a bounded time."""

    def wait(condition: Callable[[], object], *, seconds: float = PATIENCE_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "the condition did not come true in time"
            time.sleep(0.02)

    return wait


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path that every user can enter, as an ordinary data folder is."""
    path = Path(tempfile.mkdtemp(prefix="kt-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def make_cluster() -> Iterator[Callable[..., Cluster]]:
    """Make clusters that are stopped at the end, however the test ends."""
    made: list[Cluster] = []

    def make(data_dir: Path, settings: dict[str, str] | None = None, **options: Path) -> Cluster:
        cluster = Cluster(data_dir, {**QUICK, **(settings or {})}, **options)
        made.append(cluster)
        return cluster

    yield make
    for cluster in made:
        cluster.stop()


@pytest.fixture
def start_script() -> Iterator[StartScript]:
    """Start Python code in a process of its own (and a group of its own), killed at the end."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def environment(folder: Path, free_port: int) -> dict[str, str]:
    """The environment of a Kassa with a data folder and a port of its own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("KASSA_", "DJANGO_", "PG")) and name != "DATABASE_URL"
    }
    own = {"KASSA_DATA_DIR": str(folder / ".kassa"), "KASSA_PORT": str(free_port), "KASSA_DEMO": "0"}
    return {**kept, **own}


@pytest.fixture
def run_kassa(environment: dict[str, str]) -> RunKassa:
    """Run a `kassa` command to its end."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kassa", *arguments],
            env={**environment, **variables},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def start_kassa(environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a `kassa` command in a group of its own; stopped in order at the end."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **variables: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "kassa", *arguments],
            env={**environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
