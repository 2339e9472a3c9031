"""The tests' own Stripe behaves as Stripe does where it matters."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import urlencode, urlsplit

import pytest

from kassa.payments.providers.protocol import PaymentState
from tests.integrations.fake_stripe import fake_stripe
from tests.integrations.fake_stripe.forms import parse_form
from tests.integrations.stripe_world import Shop, payment_request


@pytest.fixture
def shop() -> Iterator[Shop]:
    with fake_stripe() as stripe:
        yield Shop(stripe)


@pytest.fixture
def inbox() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """An address that takes webhooks, and what came."""
    came: list[tuple[dict[str, str], bytes]] = []

    class Inbox(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            came.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base's
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Inbox)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/webhooks/stripe", came
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


def call(method: str, url: str, form: dict[str, str] | None = None) -> tuple[int, str, bytes]:
    parsed = urlsplit(url)
    connection = http.client.HTTPConnection(parsed.hostname or "", parsed.port, timeout=10)
    try:
        connection.request(method, parsed.path, urlencode(form or {}))
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location") or "", answer.read()
    finally:
        connection.close()


def test_a_form_with_brackets_is_a_tree() -> None:
    assert parse_form("a[0][b][c]=1&a[1][b][c]=2&d=&e[f]=%5B") == {
        "a": [{"b": {"c": "1"}}, {"b": {"c": "2"}}],
        "d": "",
        "e": {"f": "["},
    }


def test_a_buyer_pays_on_the_page_and_comes_back(shop: Shop) -> None:
    request = payment_request()
    opened = shop.open(request)
    assert b"decline" in call("GET", opened.checkout_url)[2]

    declined = call("POST", opened.checkout_url, {"deed": "decline"})
    cancelled = call("POST", opened.checkout_url, {"deed": "cancel"})
    paid = call("POST", opened.checkout_url, {"deed": "pay"})

    assert declined[0] == 200
    assert cancelled[:2] == (303, request.cancel_url)
    assert paid[:2] == (303, request.return_url)
    assert shop.provider.look_up(shop.credentials, opened.reference).state is PaymentState.SUCCEEDED
    assert call("POST", opened.checkout_url, {"deed": "pay"})[0] == 410


def test_a_page_that_is_not_there_is_not_found(shop: Shop) -> None:
    assert call("GET", f"{shop.stripe.url}/pay/cs_test_nothing")[0] == 404


def test_a_webhook_arrives_signed_over_http(
    shop: Shop, inbox: tuple[str, list[tuple[dict[str, str], bytes]]]
) -> None:
    address, came = inbox
    shop.stripe.pay(shop.open().reference)
    event = shop.stripe.last_event("checkout.session.completed")

    answers = [shop.stripe.deliver(event, address) for _ in range(2)]

    assert [status for status, _ in answers] == [204, 204]
    headers, body = came[0]
    assert shop.provider.organization_of(body) == shop.organization_id
    assert headers["stripe-signature"].startswith("t=")


def test_a_key_is_answered_again_and_not_reused(shop: Shop) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(shop.stripe.url).port, timeout=10)
    payment = shop.paid()
    headers = {"Authorization": f"Bearer {shop.stripe.secret_key}", "Idempotency-Key": "key"}

    def refund(amount: int) -> tuple[int, str | None, bytes]:
        form = urlencode({"payment_intent": payment, "amount": amount})
        connection.request("POST", "/v1/refunds", form, headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Idempotent-Replayed"), answer.read()

    first, again, other = refund(100), refund(100), refund(200)
    connection.close()

    assert (first[0], again[0], other[0]) == (200, 200, 400)
    assert (first[1], again[1]) == (None, "true")
    assert first[2] == again[2]
    assert b"idempotency_error" in other[2]
    assert len(shop.stripe.refunds) == 1
