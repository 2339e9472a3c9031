"""The command `kassa`: plain sentences for what can go wrong, and a start that works."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

RunKassa = Callable[..., subprocess.CompletedProcess[str]]
StartKassa = Callable[..., subprocess.Popen[str]]
WaitUntil = Callable[..., None]

NOWHERE = "postgresql://kassa:secret-word@127.0.0.1:1/kassa"


def assert_plain_failure(done: subprocess.CompletedProcess[str], *parts: str) -> None:
    """Check that a command failed with one plain sentence that has these parts."""
    assert done.returncode == 1
    assert done.stderr.startswith("kassa: ")
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in done.stderr


def test_serve_names_the_variable_when_the_port_is_taken(
    run_kassa: RunKassa, folder: Path, free_port: int
) -> None:
    with socket.create_server(("127.0.0.1", free_port)):
        done = run_kassa("serve")

    assert_plain_failure(done, f"Port {free_port} on 127.0.0.1 is already in use", "KASSA_PORT")
    assert not (folder / ".kassa" / "postgres").exists()


@pytest.mark.parametrize("command", ["serve", "web", "worker", "migrate", "demo", "psql"])
def test_an_unreachable_database_is_a_sentence_without_the_password(
    run_kassa: RunKassa, command: str
) -> None:
    done = run_kassa(command, DATABASE_URL=NOWHERE)

    assert_plain_failure(done, "The database cannot be reached", "DATABASE_URL")
    assert "secret-word" not in done.stderr


@pytest.mark.parametrize("url", ["sqlite:///kassa.db", "mysql://localhost/kassa", "nonsense"])
def test_another_kind_of_database_is_a_sentence(run_kassa: RunKassa, url: str) -> None:
    assert_plain_failure(run_kassa("migrate", DATABASE_URL=url), "PostgreSQL")


@pytest.mark.parametrize("command", ["web", "worker"])
def test_a_command_without_a_running_database_says_how_to_start_it(run_kassa: RunKassa, command: str) -> None:
    assert_plain_failure(run_kassa(command), "is not running", "kassa serve", "DATABASE_URL")


def test_a_data_folder_of_another_version_is_a_sentence(run_kassa: RunKassa, folder: Path) -> None:
    cluster = folder / ".kassa" / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("16\n")

    done = run_kassa("serve")

    assert_plain_failure(done, "PostgreSQL 16", "PostgreSQL 18", "Nothing was changed")
    assert [path.name for path in cluster.iterdir()] == ["PG_VERSION"]


def test_a_port_that_is_no_number_is_a_sentence(run_kassa: RunKassa) -> None:
    assert_plain_failure(run_kassa("serve", KASSA_PORT="eighty"), "KASSA_PORT", "eighty")


def test_a_data_folder_that_cannot_be_made_is_a_sentence(run_kassa: RunKassa, folder: Path) -> None:
    (folder / "file").write_text("")

    done = run_kassa("serve", KASSA_DATA_DIR=str(folder / "file" / "data"))

    assert_plain_failure(done, "KASSA_DATA_DIR")


def test_doctor_reports_a_problem_and_what_to_do(run_kassa: RunKassa) -> None:
    done = run_kassa("doctor", DATABASE_URL=NOWHERE)

    assert done.returncode == 1
    assert "ok       python: 3." in done.stdout
    assert "problem  database: The database cannot be reached" in done.stdout
    assert "secret-word" not in done.stdout


def test_doctor_looks_into_the_database(
    run_kassa: RunKassa, database_url: str, transactional_db: None
) -> None:
    given = {"DATABASE_URL": database_url, "KASSA_BASE_URL": "https://tickets.example.org"}

    done = run_kassa("doctor", "--production", **given)

    assert done.returncode == 1
    assert "problem  worker: none runs" in done.stdout
    assert "problem  durability: fsync" in done.stdout  # as it is for tests
    assert "durability" not in run_kassa("doctor", **given).stdout


def status(port: int) -> int | None:
    """Return what the health check answers; None when nobody does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


def another_port() -> str:
    """Return a port that is free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def children_running(pid: int, command: str) -> list[int]:
    """Return the children of a process that run a `kassa` command."""
    return [
        child
        for child in children_of(pid)
        if Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")[-2:-1] == [command.encode()]
    ]


def test_serve_lives_through_kills_and_leaves_nothing_behind(
    start_kassa: StartKassa, run_kassa: RunKassa, wait_until: WaitUntil, folder: Path, free_port: int
) -> None:
    """One long story, because each start takes seconds."""
    serve = start_kassa("serve")
    assert serve.stderr is not None
    assert [serve.stderr.readline() for _ in range(2)] == [
        "Looking at what the database needs before anything is served.\n",
        "Making the tables of a new database. This takes some seconds.\n",
    ]
    wait_until(lambda: status(free_port) is not None, seconds=120)

    # Other commands find the running database; a second server is told no.
    assert "-" in run_kassa("psql", "-c", "SELECT count(*) FROM django_migrations").stdout
    assert run_kassa("migrate").stdout == "The database is up to date.\n"
    assert_plain_failure(run_kassa("serve", KASSA_PORT=another_port()), "already in use by another Kassa")

    # A web process that is killed comes back.
    [web] = children_running(serve.pid, "web")
    os.kill(web, signal.SIGKILL)
    wait_until(lambda: web not in children_of(serve.pid) and status(free_port) is not None)

    # After the supervisor itself was killed while one who answers hangs on to the port, the next start
    # waits until the web process has put an end to that one, adopts the database and gets the port.
    wait_until(lambda: children_running(serve.pid, "web") and status(free_port) is not None)
    [web] = children_running(serve.pid, "web")
    os.kill(children_of(web)[0], signal.SIGSTOP)
    serve.kill()
    serve.wait()
    second = start_kassa("serve")
    assert second.stdout is not None
    is_ready = any("Kassa is ready." in line for line in second.stdout)  # reads on until it says so
    assert is_ready, second.communicate(timeout=60)[1]
    second.send_signal(signal.SIGINT)
    second.communicate(timeout=60)

    assert second.returncode == 0
    assert status(free_port) is None
    assert not (folder / ".kassa" / "postgres" / "postmaster.pid").exists()


def secret_keys(environment: dict[str, str], **variables: str) -> list[str]:
    """Return the secret keys that the settings have, the one that signs first."""
    code = "from kassa import settings as s; print(s.SECRET_KEY, *s.SECRET_KEY_FALLBACKS)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.split()


def test_a_new_secret_key_keeps_the_older_ones(
    run_kassa: RunKassa, environment: dict[str, str], folder: Path
) -> None:
    [first] = secret_keys(environment)
    done = run_kassa("rotate-secret-key")
    assert done.returncode == 0
    for what in ("payment accounts", "wallets", "QR codes", "authenticator apps", "KASSA_ENCRYPTION_KEYS"):
        assert what in done.stderr
    assert run_kassa("rotate-secret-key").returncode == 0

    third, second, oldest = secret_keys(environment)

    assert oldest == first
    assert len({third, second, oldest}) == 3
    for name in ("secret_key", "older_secret_keys.json"):
        assert (folder / ".kassa" / name).stat().st_mode & 0o077 == 0
    assert secret_keys(environment, KASSA_SECRET_KEY="given") == ["given"]
    given = {"KASSA_SECRET_KEY": "new", "KASSA_SECRET_KEY_FALLBACKS": "old,older"}
    assert secret_keys(environment, **given) == ["new", "old", "older"]


def test_a_secret_key_that_is_given_is_not_rotated(run_kassa: RunKassa, folder: Path) -> None:
    done = run_kassa("rotate-secret-key", KASSA_SECRET_KEY="given")

    assert_plain_failure(done, "KASSA_SECRET_KEY_FALLBACKS")
    assert not (folder / ".kassa" / "older_secret_keys.json").exists()
