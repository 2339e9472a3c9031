"""The server, and what a test can make it do."""

from __future__ import annotations

import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from tests.integrations.fake_stripe import banks, checkout, delivery, refunds
from tests.integrations.fake_stripe.account import Account, Record, page_of
from tests.integrations.fake_stripe.errors import StripeAnswer
from tests.integrations.fake_stripe.faults import Fault, FaultPlan
from tests.integrations.fake_stripe.handler import Handler
from tests.integrations.fake_stripe.keys import KeyRing


class FakeStripe:
    """A Stripe account on a port of this computer."""

    def __init__(self) -> None:
        self.account = Account()
        self.keys = KeyRing()
        self.faults = FaultPlan()
        self.secret_key = f"sk_test_{secrets.token_hex(12)}"
        self.webhook_secret = f"whsec_{secrets.token_hex(16)}"
        self.refund_status = "succeeded"
        """What new refunds are: `succeeded`, or `pending` until `finish_refund`."""
        self.calls: list[str] = []
        """Every call to the API, as `POST /v1/refunds`."""
        self.connections: set[tuple[str, int]] = set()
        """From where calls to the API came."""
        self.url = ""
        self.closing = Event()

    # What a test can look at

    @property
    def sessions(self) -> list[Record]:
        """All sessions, newest first."""
        return self.account.all_of("checkout.session")

    @property
    def refunds(self) -> list[Record]:
        """All refunds, newest first."""
        return self.account.all_of("refund")

    @property
    def application_fees(self) -> list[Record]:
        """What a platform took, newest first."""
        return self.account.all_of("application_fee")

    @property
    def events(self) -> list[Record]:
        """All events in the order in which things happened."""
        return self.account.events

    def last_event(self, event_type: str) -> Record:
        """Return the latest event of a type."""
        return next(event for event in reversed(self.account.events) if event["type"] == event_type)

    # What buyers do on the pay page

    def pay(self, session_id: str) -> Record:
        """Pay by card; returns the PaymentIntent."""
        with self.account.lock:
            return checkout.pay(self.account, session_id)

    def decline(self, session_id: str) -> Record:
        """Try a card that is declined."""
        with self.account.lock:
            return checkout.decline(self.account, session_id)

    def pay_later(self, session_id: str) -> Record:
        """Pay by debit; `settle_later` says what the bank answers."""
        with self.account.lock:
            return checkout.pay_later(self.account, session_id)

    def cancel(self, session_id: str) -> Record:
        """Go back without paying; the session stays open."""
        return self.account.get("checkout.session", session_id)

    def expire(self, session_id: str) -> Record:
        """Let a session's time run out."""
        with self.account.lock:
            return checkout.expire_session(self.account, session_id)

    # What banks do

    def settle_later(self, session_id: str, *, succeeds: bool = True) -> Record:
        """Let the bank answer a debit."""
        with self.account.lock:
            return checkout.settle_later(self.account, session_id, succeeds=succeeds)

    def finish_refund(self, refund_id: str, *, failure: str | None = None) -> Record:
        """Let a pending refund succeed, or fail for a reason."""
        with self.account.lock:
            return refunds.finish_refund(self.account, refund_id, failure=failure)

    def dispute(
        self,
        intent_id: str,
        *,
        amount: int | None = None,
        reason: str = "fraudulent",
        is_inquiry: bool = False,
    ) -> Record:
        """Dispute a payment."""
        with self.account.lock:
            return banks.open_dispute(
                self.account, intent_id, amount=amount, reason=reason, is_inquiry=is_inquiry
            )

    def close_dispute(self, dispute_id: str, status: str) -> Record:
        """Decide a dispute: `won`, `lost` or `warning_closed`."""
        with self.account.lock:
            return banks.close_dispute(self.account, dispute_id, status)

    def pay_out(self, amount: int, currency: str = "eur", *, connected: str | None = None) -> Record:
        """Pay out what the account holds."""
        with self.account.lock:
            return banks.pay_out(self.account, amount, currency, connected=connected)

    def return_payout(self, payout_id: str, message: str = "The bank account is closed.") -> Record:
        """Let a payout come back."""
        with self.account.lock:
            return banks.return_payout(self.account, payout_id, message)

    # What goes wrong

    def break_calls(self, fault: Fault, *, times: int = 1, path: str = "/v1/", seconds: float = 60.0) -> None:
        """Let the next calls fail whose `POST /v1/…` contains `path`."""
        self.faults.add(fault, times=times, path=path, seconds=seconds)

    # Webhooks

    def signed(self, event: Record | bytes, *, at: float | None = None) -> tuple[dict[str, str], bytes]:
        """Return the headers and the body that Stripe would send."""
        return delivery.signed(event, secret=self.webhook_secret, at=at)

    def deliver(self, event: Record, url: str, *, at: float | None = None) -> tuple[int, bytes]:
        """Send an event to an address over HTTP; returns the status and the body of the answer."""
        return delivery.post(url, *self.signed(event, at=at))

    # What the API answers

    def check_key(self, header: str) -> None:
        """Check that a call carries the account's key."""
        if header != f"Bearer {self.secret_key}":
            given = header.removeprefix("Bearer ")
            raise StripeAnswer(f"Invalid API Key provided: {given}", status=401)

    def route(self, method: str, path: str, form: dict[str, Any]) -> Record:
        """Do what a call asks for, and return the answer."""
        expand = form.pop("expand", [])
        kind, identifier, deed = _parts(path)
        match method, kind, bool(identifier), deed:
            case "POST", "checkout/sessions", False, "":
                record = checkout.create_session(self.account, form, address=self.url)
            case "POST", "checkout/sessions", True, "expire":
                record = checkout.expire_session(self.account, identifier)
            case "GET", "checkout/sessions", True, "":
                record = self.account.get("checkout.session", identifier)
            case "GET", "checkout/sessions", False, "":
                since = int(form.get("created", {}).get("gte", 0))
                return self._page([entry for entry in self.sessions if entry["created"] >= since], form)
            case "GET", "payment_intents", True, "":
                record = self.account.get("payment_intent", identifier)
            case "POST", "refunds", False, "":
                record = refunds.create_refund(self.account, form, status=self.refund_status)
            case "GET", "refunds", True, "":
                record = self.account.get("refund", identifier)
            case "GET", "refunds", False, "":
                found = self.account.all_of("refund", payment_intent=form["payment_intent"])
                return self._page(found, form)
            case _:
                raise StripeAnswer(f"Unrecognized request URL ({method}: {path}).", status=404)
        return self.account.view(record, expand)

    def _page(self, records: list[Record], form: dict[str, Any]) -> Record:
        ids = [record["id"] for record in records]
        after = ids.index(form["starting_after"]) + 1 if "starting_after" in form else 0
        return page_of(records[after:], limit=int(form.get("limit", 10)))


def _parts(path: str) -> tuple[str, str, str]:
    found = re.fullmatch(r"/v1/(checkout/sessions|payment_intents|refunds)(?:/(\w+))?(?:/(\w+))?", path)
    kind, identifier, deed = found.groups() if found else ("", "", "")
    return kind, identifier or "", deed or ""


class _Server(ThreadingHTTPServer):
    """A server that ends its connections when it is closed, instead of waiting for them."""

    daemon_threads = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)


@contextmanager
def fake_stripe() -> Iterator[FakeStripe]:
    """Start a Stripe on a free port of 127.0.0.1; it ends with the block."""
    stripe = FakeStripe()
    server = _Server(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"stripe": stripe}))
    stripe.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield stripe
    finally:
        stripe.closing.set()
        server.shutdown()
        thread.join(timeout=10)
        for connection in list(server.open):
            # The other side, or the handler itself, may have closed first.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        server.server_close()
