"""The embedded PostgreSQL server of one data folder: started, adopted, stopped."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from kassa.runtime.binaries import SHARED_FOLDER, Binaries, binaries_for, find_binaries
from kassa.runtime.configuration import write_configuration
from kassa.runtime.errors import CannotStart
from kassa.runtime.folder_lock import FolderLock
from kassa.runtime.initialisation import ENVIRONMENT, check_version, initialise
from kassa.runtime.postmaster import Postmaster, database_url, find_running, remove_foreign_pid_files
from kassa.runtime.server_log import ServerLog
from kassa.runtime.server_user import ServerUser, choose_server_user
from kassa.runtime.socket_folder import choose_socket_folder

START_SECONDS = 300.0
"""How long a start may take: after a crash, up to `max_wal_size` of changes are replayed first."""
STOP_SECONDS = 60.0
"""How long an orderly stop may take before the server is told to drop everything."""
POLL_SECONDS = 0.01


class Cluster:
    """A PostgreSQL server on a data folder, with the database `kassa`.

    The server outlives a parent that is killed, so that nothing it was writing is torn; the next
    `start` adopts it. The lock beside the data folder says who looks after it and dies with its
    holder. `settings` win over the defaults; an adopted server keeps the ones it was started with.
    """

    def __init__(
        self,
        data_dir: Path,
        settings: Mapping[str, str] | None = None,
        *,
        shared_folder: Path = SHARED_FOLDER,
    ) -> None:
        self.data_dir = data_dir
        self._shared_folder = shared_folder
        self._settings = dict(settings or {})
        self._lock = FolderLock(data_dir.with_name(f"{data_dir.name}.lock"))
        self._log = ServerLog(data_dir.with_name(f"{data_dir.name}.log"))
        self._process: subprocess.Popen[bytes] | None = None
        self._socket_dir: Path | None = None
        self._temporary_socket_dir: Path | None = None

    @property
    def url(self) -> str:
        """The address of the database; raises CannotStart while no server runs."""
        if self._socket_dir is not None:
            return database_url(self._socket_dir)
        running = find_running(self.data_dir)
        if running is None or running.socket_dir is None:
            raise CannotStart(f"The database in {self.data_dir} is not running.")
        return database_url(running.socket_dir)

    @property
    def pid(self) -> int | None:
        """The process id of the server; None while none runs."""
        running = find_running(self.data_dir)
        return running.pid if running else None

    @property
    def is_running(self) -> bool:
        """Say whether the server's process is there, ready or not."""
        if self._process is not None:
            return self._process.poll() is None
        return find_running(self.data_dir) is not None

    def start(self) -> None:
        """Start the server, or adopt the one that runs, and return when it answers.

        Makes the data folder first if need be. Starting again after the server has died is fine.
        Raises DataFolderInUse, OtherPostgresVersion, or CannotStart with the end of the server's log.
        """
        try:
            server_user = choose_server_user(self.data_dir)
            check_version(self.data_dir, binaries=find_binaries())  # before anything is touched
            self._lock.acquire()
            try:
                self._socket_dir = self._adopt_or_start(server_user).socket_dir
            except BaseException:
                self.stop()
                raise
        except PermissionError as error:
            raise CannotStart(
                f"{error.filename or self.data_dir} cannot be read or written by this user. Start Kassa "
                "as the owner of the data folder, or set KASSA_DATA_DIR to another folder."
            ) from error

    def stop(self) -> None:
        """Stop the server in order: no new work, running statements are broken off, all is written.

        Waits until it has gone, then gives the lock back. Does nothing when none runs. A server that
        has not gone after a minute is told to drop everything; the next start then recovers.
        """
        if not self._lock.is_held:
            return
        process, adopted = self._process, find_running(self.data_dir)
        pid = process.pid if process else adopted.pid if adopted else None

        def has_gone() -> bool:
            # A server removes its pid file a moment before its process is gone.
            return process.poll() is not None if process else adopted is None or not adopted.is_alive

        for number, patience in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
            if pid is None or has_gone():
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            if _wait_for(has_gone, seconds=patience):
                break
        self._process = None
        self._socket_dir = None
        if self._temporary_socket_dir is not None:
            shutil.rmtree(self._temporary_socket_dir, ignore_errors=True)
            self._temporary_socket_dir = None
        self._lock.release()

    def _adopt_or_start(self, server_user: ServerUser) -> Postmaster:
        if find_running(self.data_dir) is not None:
            self._wait_until_ready()
        running = find_running(self.data_dir)
        return running if running is not None and running.is_ready else self._start_server(server_user)

    def _start_server(self, server_user: ServerUser) -> Postmaster:
        binaries = binaries_for(server_user, shared_folder=self._shared_folder)
        if not check_version(self.data_dir, binaries=binaries):
            initialise(
                self.data_dir,
                binaries=binaries,
                server_user=server_user,
                settings=self._settings,
                shared_folder=self._shared_folder,
            )
        data_dir = self.data_dir.resolve()
        remove_foreign_pid_files(data_dir)
        if self._temporary_socket_dir is None:
            socket_dir, is_temporary = choose_socket_folder(data_dir, server_user=server_user)
            self._temporary_socket_dir = socket_dir if is_temporary else None
        else:
            socket_dir = self._temporary_socket_dir  # after a crash the address must stay the same
        write_configuration(data_dir, settings=self._settings, socket_dir=socket_dir, server_user=server_user)
        return self._launch(binaries, server_user)

    def _launch(self, binaries: Binaries, server_user: ServerUser) -> Postmaster:
        deadline = time.monotonic() + START_SECONDS
        while True:
            self._process = self._spawn(binaries, server_user)
            if self._wait_until_ready(seconds=deadline - time.monotonic()):
                running = find_running(self.data_dir)
                if running is not None:
                    return running
            # The children of a server that was killed need a moment to notice and go.
            if "is still in use" not in self._log.tail() or time.monotonic() > deadline:
                raise CannotStart(
                    f"The database in {self.data_dir} did not start. The end of {self._log.path}:\n"
                    f"{self._log.tail()}"
                )
            time.sleep(0.1)

    def _spawn(self, binaries: Binaries, server_user: ServerUser) -> subprocess.Popen[bytes]:
        with self._log.open() as log:
            return subprocess.Popen(  # noqa: S603 - our own binaries
                [binaries.program("postgres"), "-D", str(self.data_dir.resolve())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=ENVIRONMENT,
                umask=0o077,
                # Ctrl-C reaches the whole process group; the server must end last, not first.
                start_new_session=True,
                **server_user.credentials,
            )

    def _wait_until_ready(self, *, seconds: float = START_SECONDS) -> bool:
        """Wait until the server answers; False when it has ended or takes too long."""

        def is_decided() -> bool:
            found = find_running(self.data_dir)
            return (found is not None and found.is_ready) or not self.is_running

        return _wait_for(is_decided, seconds=seconds) and self.is_running


@contextlib.contextmanager
def temporary_cluster(
    settings: Mapping[str, str] | None = None, *, prepare: Callable[[Path], None] | None = None
) -> Iterator[Cluster]:
    """Yield a running cluster in a folder of its own, and remove both afterwards.

    It is for tests and benchmarks: without `settings` it does not wait for the disk. Pass the
    settings to measure with, or an empty mapping for those that Kassa itself uses. `prepare` may
    put a stopped cluster at the place where it would be made.
    """
    quick = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    with tempfile.TemporaryDirectory(prefix="kassa-") as folder:
        # The server's user has to get through (root may run this); what is inside stays closed.
        Path(folder).chmod(0o711)
        cluster = Cluster(Path(folder, "postgres"), quick if settings is None else settings)
        if prepare is not None:
            prepare(cluster.data_dir)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
            data_dir = cluster.data_dir.resolve()
            shutil.rmtree(data_dir, ignore_errors=True)


def _wait_for(condition: Callable[[], bool], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
