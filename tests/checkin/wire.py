"""The network between a phone and Kassa, which a test can cut."""

from __future__ import annotations

import contextlib
import enum
import socket
import threading
from types import TracebackType


class State(enum.Enum):
    UP = "up"
    CUT = "cut"
    """Nobody is there: connections are closed at once."""
    DEAF = "deaf"
    """What is asked arrives, and the answer is lost."""


class Wire:
    """Passes everything on to a port of this machine, as far as its state allows."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._state = State.UP
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Wire:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.become(State.CUT)

    def become(self, state: State) -> None:
        """Change what happens from now on; connections that were open are closed."""
        with self._lock:
            self._state = state
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            self._open.clear()

    def _accept(self) -> None:
        while True:
            try:
                phone, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                state = self._state
                if state is State.CUT:
                    phone.close()
                    continue
                kassa = socket.create_connection(("127.0.0.1", self._target))
                self._open |= {phone, kassa}
            self._pump(phone, kassa, is_lost=False)
            self._pump(kassa, phone, is_lost=state is State.DEAF)

    def _pump(self, source: socket.socket, sink: socket.socket, *, is_lost: bool) -> None:
        def run() -> None:
            with contextlib.suppress(OSError):
                while data := source.recv(65536):
                    if not is_lost:
                        sink.sendall(data)
            with contextlib.suppress(OSError):
                sink.shutdown(socket.SHUT_RDWR)
            source.close()

        threading.Thread(target=run, daemon=True).start()
