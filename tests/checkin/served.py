"""Kassa as a process of its own, on the tests' database."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from kassa.runtime.parent import PARENT_VARIABLE
from kassa.runtime.ports import answers

START_SECONDS = 60
STOP_SECONDS = 20


@contextlib.contextmanager
def serve(database_url: str, folder: Path) -> Iterator[int]:
    """Run ``kassa web`` and return its port; it can read what this process has encrypted."""
    port = _free_port()
    log = folder / "web.log"
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "KASSA_DATA_DIR": str(folder),
        "KASSA_SECRET_KEY": settings.SECRET_KEY,
        "KASSA_HOST": "127.0.0.1",
        "KASSA_PORT": str(port),
        "KASSA_WEB_WORKERS": "1",
        PARENT_VARIABLE: str(os.getpid()),
    }
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "kassa", "web"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers("127.0.0.1", port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its session is its own
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
