"""A mail server of the test's own, which says to each sender and recipient what it is told to say."""

from __future__ import annotations

import socketserver
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Lock, Thread
from typing import Any

Says = Callable[[str], str | None]


class MailHost:
    """What a server has taken, and what it says: ``to`` by address, ``data`` to what is written.

    ``size`` is the most it takes of one message, which it tells and refuses at the sender, as Postfix does.
    """

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.to: dict[str, str] = {}
        self.data = ""
        self.sender = ""
        self.size = 0
        self.hangs_up_on: set[str] = set()
        """The recipients at whom it breaks the connection."""
        self.greetings: list[str] = []
        self.senders: list[str] = []
        self.connections = 0
        self.after_data: Callable[[], None] = lambda: None
        """What happens once a message is taken, before the server has said so."""
        self.lock = Lock()
        self.port = 0

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in self.taken]


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        host: MailHost = self.server.host  # type: ignore[attr-defined]
        with host.lock:
            host.connections += 1
        self._say("220 test")
        while line := self.rfile.readline():
            word = line.decode().strip()
            command = word.upper()
            if command.startswith("EHLO"):
                host.greetings.append(word)
                size = f"250-SIZE {host.size}\r\n" if host.size else ""
                self._say(f"250-test\r\n{size}250 8BITMIME")
            elif command.startswith("MAIL FROM:"):
                host.senders.append(word)
                asked = int(command.partition("SIZE=")[2].split()[0]) if "SIZE=" in command else 0
                too_large = "552 5.3.4 message size exceeds fixed limit" if asked > host.size > 0 else ""
                self._say(host.sender or too_large or "250 ok")
            elif command.startswith("RCPT TO:"):
                address = word[8:].split(">")[0].strip(" <").lower()
                if address in host.hangs_up_on:
                    return
                self._say(host.to.get(address, "250 ok"))
            elif command == "DATA":
                self._take(host)
            elif command == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _take(self, host: MailHost) -> None:
        self._say("354 go on")
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        if host.data:
            self._say(host.data)
            return
        with host.lock:
            host.taken.append(b"".join(lines))
        host.after_data()
        self._say("250 taken")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    host: MailHost

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests are about."""


@contextmanager
def mail_host() -> Iterator[MailHost]:
    host = MailHost()
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        server.host = host
        host.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield host
        finally:
            server.shutdown()
            thread.join()
