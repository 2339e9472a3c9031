"""A name server and a web server of the tests' own, on loopback, that answer for made-up domains."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from django.conf import settings

from kassa.core import name_lookup, public_http
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.organizations.domain.domain_proof import format_proof
from kassa.organizations.domain.domains import get_domain, name_domain, verify_domain
from kassa.organizations.models import Organization, OrganizationDomain


@dataclass
class NameServer:
    """Answers from the records it is given; a name without records does not exist."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    addresses: dict[str, list[str]] = field(default_factory=dict)
    is_silent: bool = False
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def answer(self, wire: bytes) -> bytes | None:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), question.rdtype
        self.asked.append(name)
        if self.is_silent:
            return None
        response = dns.message.make_response(query, recursion_available=True)
        found = [f'"{text}"' for text in self.texts.get(name, [])] if kind == dns.rdatatype.TXT else []
        if kind == dns.rdatatype.A:
            found = [one for one in self.addresses.get(name, []) if ":" not in one]
        if kind == dns.rdatatype.AAAA:
            found = [one for one in self.addresses.get(name, []) if ":" in one]
        if found:
            response.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, found))
        elif name not in self.texts and name not in self.addresses:
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()


@contextmanager
def run_name_server() -> Iterator[NameServer]:
    """Run a name server until the end of the block."""
    server = NameServer()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        server.port = listening.getsockname()[1]

        def serve() -> None:
            with suppress(OSError):
                while True:
                    wire, client = listening.recvfrom(4096)
                    if wire == b"end":
                        return
                    answer = server.answer(wire)
                    if answer is not None:
                        listening.sendto(answer, client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listening.sendto(b"end", ("127.0.0.1", server.port))
            thread.join(10)


@dataclass
class WebServer:
    """Answers every address with the same body, and remembers who asked for what."""

    body: str = ""
    status: int = 200
    location: str = ""
    drips: bool = False
    """Whether it sends a byte now and then and never comes to an end."""
    requests: list[tuple[str, str]] = field(default_factory=list)
    """The host and the path of each."""
    port: int = 0
    ended: threading.Event = field(default_factory=threading.Event)


@contextmanager
def run_web_server() -> Iterator[WebServer]:
    """Run a web server until the end of the block."""
    web = WebServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.requests.append((self.headers.get("Host", ""), self.path))
            self.send_response(web.status)
            if web.location:
                self.send_header("Location", web.location)
            self.end_headers()
            with suppress(OSError):
                while web.drips and not web.ended.wait(0.05):
                    self.wfile.write(b"x")
                self.wfile.write(web.body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield web
    finally:
        web.ended.set()
        server.shutdown()
        thread.join(10)
        server.server_close()


@dataclass
class Internet:
    """What Kassa finds of domains: the names of one server, and one web server for all of them."""

    names: NameServer
    web: WebServer

    def show_record(self, organization: Organization) -> None:
        """Put the token of an organisation into the record of its domain, beside those of others."""
        domain = get_domain(organization.id)
        self.names.texts.setdefault(f"_kassa.{domain.name}", []).append(format_proof(domain.token))

    def show_file(self, organization: Organization) -> None:
        """Lead the domain of an organisation to the web server, with its token in the file."""
        domain = get_domain(organization.id)
        self.names.addresses[domain.name] = ["127.0.0.1"]
        self.web.body += f"{format_proof(domain.token)}\n"

    def prove(self, organization: Organization, name: str) -> OrganizationDomain:
        """Name a domain, show its record, and have it checked."""
        name_domain(CommandContext.system(organization.id, now=utc_now()), name)
        self.show_record(organization)
        return verify_domain(organization.id, now=utc_now())


@contextmanager
def made_up_internet(patch: pytest.MonkeyPatch) -> Iterator[Internet]:
    """Have Kassa ask the tests' own servers until the end of the block, and reach them as public ones."""
    with run_name_server() as names, run_web_server() as web:
        patch.setattr(settings, "DNS_SERVERS", ["127.0.0.1"])
        patch.setattr(settings, "DOMAIN_CHECK_NETWORKS", [ipaddress.ip_network("127.0.0.0/8")])
        patch.setattr(name_lookup, "PORT", names.port)
        patch.setattr(public_http, "PORTS", {"https": web.port, "http": web.port})
        yield Internet(names, web)
