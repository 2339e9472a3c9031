"""The worker process: jobs that wait for providers run beside all others, and a stop is in order."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

StartScript = Callable[..., subprocess.Popen[str]]
WaitUntil = Callable[..., None]

WORK = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # though the tests may run in the background
from pathlib import Path
from uuid import UUID
os.environ.update(DATABASE_URL=sys.argv[1], KASSA_DATA_DIR=sys.argv[2])
os.environ["DJANGO_SETTINGS_MODULE"] = "kassa.settings"
import django
django.setup()
from procrastinate.contrib.django import app
from kassa.payments.jobs import defer
from kassa.runtime.worker import CONCURRENCY, run_worker

folder = Path(sys.argv[2])

@app.task(name="test.wait", queue="providers")
def wait(number):
    (folder / f"waits-{number}").touch()
    while not (folder / "answer").exists():
        time.sleep(0.01)
    (folder / f"done-{number}").touch()

@app.task(name="test.quick")
def quick():
    defer("test.next", UUID(int=1))

@app.task(name="test.next")
def follow(organization_id):
    (folder / "quick").touch()

for number in range(CONCURRENCY):
    wait.defer(number=number)
quick.defer()
(folder / "up").touch()
run_worker()
print("stopped", flush=True)
"""


@pytest.fixture
def work(
    start_script: StartScript, folder: Path, database_url: str, transactional_db: None, wait_until: WaitUntil
) -> subprocess.Popen[str]:
    process = start_script(WORK, database_url, str(folder))
    wait_until((folder / "up").exists)
    return process


def waiting(folder: Path) -> int:
    return len(list(folder.glob("waits-*")))


def test_jobs_that_wait_for_providers_hold_nothing_else_up(
    work: subprocess.Popen[str], folder: Path, wait_until: WaitUntil
) -> None:
    wait_until(lambda: waiting(folder) == 4)
    wait_until((folder / "quick").exists)

    assert not (folder / "answer").exists()
    (folder / "answer").touch()
    wait_until(lambda: len(list(folder.glob("done-*"))) == 4)
    work.terminate()
    assert work.wait(timeout=30) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_running_jobs_finish(
    work: subprocess.Popen[str], folder: Path, wait_until: WaitUntil, number: signal.Signals
) -> None:
    wait_until(lambda: waiting(folder) == 4)

    os.kill(work.pid, number)
    (folder / "answer").touch()

    said, errors = work.communicate(timeout=30)
    assert (work.returncode, said) == (0, "stopped\n"), errors
    assert len(list(folder.glob("done-*"))) == 4
