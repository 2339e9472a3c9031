"""The supervisor: its children and its database live and end with it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

StartScript = Callable[..., subprocess.Popen[str]]
WaitUntil = Callable[..., None]

SUPERVISE = """
import signal, sys
from pathlib import Path
from kassa.runtime.child import Child
from kassa.runtime.cluster import Cluster
from kassa.runtime.errors import CannotStart
from kassa.runtime.supervisor import Supervisor

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # though the tests may run under nohup
folder, code, grace, database = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), sys.argv[4]
cluster = None
if database:
    cluster = Cluster(folder / "postgres", {"fsync": "off"})
    cluster.start()
child = Child("test", [sys.executable, "-c", code], grace_seconds=grace, environment={"FOLDER": str(folder)})
supervisor = Supervisor([child], cluster=cluster)
try:
    with supervisor.running():
        supervisor.watch(until=lambda: (folder / "up").exists(), seconds=20)
        print("up", flush=True)
        supervisor.watch()
except CannotStart as error:
    sys.exit(str(error))
"""

CHILD = """
import os, pathlib, signal
from kassa.runtime.parent import end_with_parent
end_with_parent()
folder = pathlib.Path(os.environ["FOLDER"])
def note(text):
    with (folder / "notes").open("a") as file:
        file.write(text + "\\n")
def stop(number, frame):
    note("told " + signal.Signals(number).name)
    raise SystemExit
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, stop)
(folder / "pid").write_text(str(os.getpid()))
reader, writer = os.pipe()
os.set_blocking(writer, False)
signal.set_wakeup_fd(writer)
(folder / "up").touch()
while True:
    os.read(reader, 1)  # unlike signal.pause(), it wakes for a signal that came just before as well
"""
DEAF_CHILD = CHILD.replace("    raise SystemExit\n", "")


@pytest.fixture
def supervise(start_script: StartScript, folder: Path) -> Callable[..., subprocess.Popen[str]]:
    def start_supervisor(
        child: str = CHILD, *, grace: float = 20, database: str = ""
    ) -> subprocess.Popen[str]:
        process = start_script(SUPERVISE, str(folder), child, str(grace), database)
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        return process

    return start_supervisor


def child_pid(folder: Path) -> int:
    return int((folder / "pid").read_text())


def runs(pid: int) -> bool:
    """Say whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_the_children_and_exits_well(
    supervise: Callable[..., subprocess.Popen[str]], folder: Path, number: signal.Signals
) -> None:
    supervisor = supervise()

    supervisor.send_signal(number)

    assert supervisor.wait(timeout=60) == 0
    assert (folder / "notes").read_text() == "told SIGTERM\n"
    assert not runs(child_pid(folder))


def test_ctrl_c_to_the_whole_group_reaches_the_child_once(
    supervise: Callable[..., subprocess.Popen[str]], folder: Path
) -> None:
    supervisor = supervise()

    os.killpg(supervisor.pid, signal.SIGINT)

    assert supervisor.wait(timeout=60) == 0
    assert (folder / "notes").read_text() == "told SIGTERM\n"


def test_a_child_that_does_not_stop_is_killed_after_its_grace(
    supervise: Callable[..., subprocess.Popen[str]], folder: Path
) -> None:
    supervisor = supervise(DEAF_CHILD, grace=0.2)

    supervisor.terminate()

    _, errors = supervisor.communicate(timeout=60)
    assert supervisor.returncode == 0
    assert "does not stop; killing it" in errors
    assert not runs(child_pid(folder))


def test_a_second_signal_kills_a_child_that_does_not_stop(
    supervise: Callable[..., subprocess.Popen[str]], folder: Path, wait_until: WaitUntil
) -> None:
    supervisor = supervise(DEAF_CHILD, grace=600)

    supervisor.send_signal(signal.SIGINT)
    wait_until((folder / "notes").exists)
    supervisor.send_signal(signal.SIGINT)

    assert supervisor.wait(timeout=60) == 0
    assert not runs(child_pid(folder))


def test_a_child_that_ends_is_started_again(
    supervise: Callable[..., subprocess.Popen[str]], folder: Path, wait_until: WaitUntil
) -> None:
    supervisor = supervise()
    first = child_pid(folder)

    os.kill(first, signal.SIGKILL)

    wait_until(lambda: child_pid(folder) != first)
    supervisor.terminate()
    _, errors = supervisor.communicate(timeout=60)
    assert supervisor.returncode == 0
    assert "The test process ended (killed by SIGKILL); starting it again in 0.5 s." in errors


def test_children_end_when_the_supervisor_is_killed(
    supervise: Callable[..., subprocess.Popen[str]], folder: Path, wait_until: WaitUntil
) -> None:
    supervisor = supervise()

    supervisor.kill()

    wait_until(lambda: not runs(child_pid(folder)))
    assert (folder / "notes").read_text() == "told SIGTERM\n"


def test_a_child_that_never_comes_up_ends_the_first_start(start_script: StartScript, folder: Path) -> None:
    supervisor = start_script(SUPERVISE, str(folder), "raise SystemExit(3)", "1", "")

    _, errors = supervisor.communicate(timeout=60)

    assert supervisor.returncode == 1
    assert "The test process ended (exit code 3)" in errors
    assert "The test process ended 3 times" in errors
    assert "Traceback" not in errors


def test_a_killed_database_is_started_again_and_stopped_at_the_end(
    supervise: Callable[..., subprocess.Popen[str]], folder: Path, wait_until: WaitUntil
) -> None:
    supervisor = supervise(database="embedded")
    first = server_pid(folder)
    assert first is not None
    os.kill(first, signal.SIGKILL)

    wait_until(lambda: server_pid(folder) not in (None, first))

    second = server_pid(folder)
    assert second is not None
    supervisor.terminate()
    _, errors = supervisor.communicate(timeout=60)
    assert supervisor.returncode == 0
    assert "The database has ended; starting it again." in errors
    assert not runs(second)


def server_pid(folder: Path) -> int | None:
    try:
        return int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, IndexError):
        return None
