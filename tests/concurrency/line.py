"""A line to the database that can be cut: what goes in is swallowed, and nobody is told."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from psycopg.conninfo import conninfo_to_dict


class Line:
    """Forwards connections of a port of this machine to a database's socket, in threads.

    While it is cut the connections stay open at both ends and nothing comes through. Restored, the old ones
    are gone for the client, as after a router that forgot them; new ones come through again.
    """

    def __init__(self, database_url: str) -> None:
        place = conninfo_to_dict(database_url)
        self._socket = f"{place['host']}/.s.PGSQL.{place.get('port') or 5432}"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._passes = threading.Event()
        self._passes.set()
        self._ends: list[socket.socket] = []
        self._pumps: list[threading.Thread] = []
        self._is_over = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"postgresql://kassa@127.0.0.1:{self._listener.getsockname()[1]}/kassa?sslmode=disable"

    @property
    def connections(self) -> int:
        """How many it has forwarded since it was made, or restored."""
        return len(self._ends) // 2

    def cut(self) -> None:
        self._passes.clear()

    def restore(self) -> None:
        ends, pumps = self._ends, self._pumps
        self._ends, self._pumps = [], []
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._passes.set()  # what was swallowed finds its ends shut
        for pump in pumps:
            pump.join(10)
        for end in ends:
            end.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over = True
        self._listener.close()
        self.restore()

    def _accept(self) -> None:
        while not self._is_over:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._passes.wait()
            if self._is_over:
                client.close()
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._socket)
            self._ends += [client, server]
            for source, target in ((client, server), (server, client)):
                pump = threading.Thread(target=self._pump, args=(source, target), daemon=True)
                self._pumps.append(pump)
                pump.start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self._passes.wait()
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
