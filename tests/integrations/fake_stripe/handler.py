"""The HTTP of it: keys, forms, faults and the pay page."""

from __future__ import annotations

import html
import json
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.integrations.fake_stripe.errors import StripeAnswer
from tests.integrations.fake_stripe.faults import Fault, Planned
from tests.integrations.fake_stripe.forms import parse_form

if TYPE_CHECKING:
    from tests.integrations.fake_stripe.server import FakeStripe

BROKEN = {"error": {"type": "api_error", "message": "An unknown error occurred"}}
LIMITED = {"error": {"type": "invalid_request_error", "message": "Too many requests", "code": "rate_limit"}}
DEEDS = ("pay", "decline", "cancel", "pay_later")


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    stripe: FakeStripe

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base's
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer a question."""
        self._serve("GET")

    def do_POST(self) -> None:
        """Do something."""
        self._serve("POST")

    def _serve(self, method: str) -> None:
        parsed = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        if parsed.path.startswith("/pay/"):
            self._serve_page(method, parsed.path.removeprefix("/pay/"), body)
            return
        call = f"{method} {parsed.path}"
        self.stripe.calls.append(call)
        self.stripe.connections.add(self.client_address)
        fault = self.stripe.faults.take(call)
        if fault is not None and fault.fault in (Fault.ERROR_BEFORE, Fault.DROP_BEFORE, Fault.LIMIT):
            self._fail(fault.fault)
            return
        status, answer, headers = self._answer(method, parsed.path, body or parsed.query, fault)
        if fault is not None and fault.fault is Fault.DROP_AFTER:
            self._fail(fault.fault)
            return
        if fault is not None and fault.fault is Fault.SLOW:
            self.stripe.closing.wait(fault.seconds)
        if fault is not None and fault.fault is Fault.NONSENSE:
            answer = ["nonsense"]
        self._send(status, answer, headers)

    def _answer(
        self, method: str, path: str, text: str, fault: Planned | None
    ) -> tuple[int, Any, dict[str, str]]:
        """Return status, body and headers, under an idempotency key if there is one."""
        key = self.headers.get("Idempotency-Key") if method == "POST" else None
        try:
            self.stripe.check_key(self.headers.get("Authorization", ""))
            known = self.stripe.keys.begin(key, (path, text)) if key else None
        except StripeAnswer as error:
            return error.status, error.body, {}
        if known is not None:
            return known.status or 500, known.body, {"Idempotent-Replayed": "true"}
        is_kept = True
        try:
            with self.stripe.account.lock:
                status, answer = 200, self.stripe.route(method, path, parse_form(text))
        except StripeAnswer as error:
            status, answer, is_kept = error.status, error.body, error.is_kept
        if fault is not None and fault.fault is Fault.ERROR_AFTER:
            status, answer, is_kept = 500, BROKEN, True
        if key and is_kept:
            self.stripe.keys.keep(key, status, answer)
        elif key:
            self.stripe.keys.forget(key)
        return status, answer, {}

    def _fail(self, fault: Fault) -> None:
        if fault is Fault.ERROR_BEFORE:
            self._send(500, BROKEN, {})
        elif fault is Fault.LIMIT:
            self._send(429, LIMITED, {})
        else:
            self.close_connection = True

    def _serve_page(self, method: str, session_id: str, body: str) -> None:
        """Show the pay page, or do what its button says and send the buyer back."""
        try:
            session = self.stripe.account.get("checkout.session", session_id)
            deed = parse_form(body).get("deed", "")
            if method == "POST" and deed in DEEDS:
                getattr(self.stripe, deed)(session_id)
        except StripeAnswer as error:
            self._send(error.status, error.body, {})
            return
        if method == "GET" or deed not in DEEDS or deed == "decline":
            self._send_page(session_id)
            return
        address = session["cancel_url"] if deed == "cancel" else session["success_url"]
        self._send(303, {}, {"Location": address})

    def _send_page(self, session_id: str) -> None:
        buttons = "".join(f'<button name="deed" value="{deed}">{deed}</button>' for deed in DEEDS)
        page = f'<form method="post" action="/pay/{html.escape(session_id)}">{buttons}</form>'
        self._write(200, page.encode(), {"Content-Type": "text/html"})

    def _send(self, status: int, answer: Any, headers: dict[str, str]) -> None:
        self._write(status, json.dumps(answer).encode(), {"Content-Type": "application/json", **headers})

    def _write(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        try:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            # Whoever asked did not wait for the answer.
            self.close_connection = True
