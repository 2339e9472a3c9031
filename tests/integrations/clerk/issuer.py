"""A service that signs tokens and shows its keys, over real HTTP: what Clerk and OpenID providers are."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

Answer = tuple[int, Any]


@cache
def _made(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Issuer:
    """The service; ``pages`` answer further addresses, by path."""

    url: str = ""
    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    pages: dict[str, Callable[[dict[str, list[str]], dict[str, str]], Answer]] = field(default_factory=dict)
    status: int = 200

    def new_key(self, name: str, *, like: str = "") -> None:
        """Make a key; ``like`` makes another one than that of the same name elsewhere."""
        self.keys = {**self.keys, name: _made(like or name)}

    def sign(self, claims: dict[str, Any], *, key: str) -> str:
        return jwt.encode(claims, self.keys[key], algorithm="RS256", headers={"kid": key})

    def jwks(self) -> dict[str, Any]:
        shown = (
            {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())), "kid": name, "use": "sig"}
            for name, key in self.keys.items()
        )
        return {"keys": list(shown)}


@contextmanager
def issuer_running() -> Iterator[Issuer]:
    issuer = Issuer()
    issuer.new_key("first")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer({name: values[0] for name, values in parse_qs(body.decode()).items()})

        def _answer(self, form: dict[str, str]) -> None:
            address = urlsplit(self.path)
            issuer.asked.append(address.path)
            if address.path == "/.well-known/jwks.json":
                status, shown = issuer.status, issuer.jwks()
            elif address.path in issuer.pages:
                query = parse_qs(address.query)
                query["authorization"] = [self.headers.get("Authorization", "")]
                status, shown = issuer.pages[address.path](query, form)
            else:
                status, shown = 404, {}
            body = json.dumps(shown).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
