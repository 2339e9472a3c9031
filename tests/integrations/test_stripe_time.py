"""Every call ends in time, and one account's dead server binds only so much."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Queue
from threading import Event, Thread

import pytest

from kassa.integrations.stripe import client
from kassa.integrations.stripe.bounded import BoundedHttp, Gate
from kassa.payments.providers.protocol import PaymentState, ProviderUnreachable, RefundState
from tests.integrations.fake_stripe import Fault, fake_stripe
from tests.integrations.stripe_world import Shop, payment_request, refund_request

SHORT = 1.0
EMPTY: dict[str, str] = {}


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Return a shop whose provider waits less long than in production, so that nobody waits here."""
    monkeypatch.setattr(client, "CALL_SECONDS", SHORT)
    with fake_stripe() as stripe:
        yield Shop(stripe)


@pytest.fixture
def dripping_server() -> Iterator[str]:
    """A server that sends its answer a letter at a time, for as long as anybody listens."""
    done = Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not done.wait(SHORT / 10):
                connection.sendall(b"a")

    thread = Thread(target=drip, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    done.set()
    thread.join(timeout=10)
    listener.close()


def test_a_slow_answer_is_no_answer_and_the_key_finds_it_again(shop: Shop) -> None:
    request = payment_request()
    shop.stripe.break_calls(Fault.SLOW)
    with pytest.raises(ProviderUnreachable):
        shop.open(request)

    opened = shop.open(request)

    assert [session["id"] for session in shop.stripe.sessions] == [opened.reference]


def test_every_call_is_bounded(shop: Shop) -> None:
    opened = shop.open()
    payment = shop.paid()
    refund = shop.provider.refund(shop.credentials, refund_request(payment))
    calls: list[Callable[[], object]] = [
        lambda: shop.provider.look_up(shop.credentials, opened.reference),
        lambda: shop.provider.close(shop.credentials, opened.reference),
        lambda: shop.provider.look_up_refund(shop.credentials, refund.reference),
        lambda: shop.provider.refund(shop.credentials, refund_request(payment)),
    ]

    for call in calls:
        shop.stripe.break_calls(Fault.SLOW)
        with pytest.raises(ProviderUnreachable):
            call()

    assert shop.provider.look_up(shop.credentials, opened.reference).state is PaymentState.EXPIRED


def test_a_refund_is_not_sent_when_its_time_is_up(shop: Shop) -> None:
    request = refund_request(shop.paid())
    shop.stripe.break_calls(Fault.SLOW, path="GET /v1/payment_intents", seconds=SHORT * 1.5)
    with pytest.raises(ProviderUnreachable):
        shop.provider.refund(shop.credentials, request)
    assert shop.stripe.refunds == []

    assert shop.provider.refund(shop.credentials, request).state is RefundState.SUCCEEDED


def test_nothing_is_sent_for_somebody_who_has_stopped_waiting(shop: Shop) -> None:
    http, gate, left = BoundedHttp(10), Gate(seconds=0.05), Event()
    outcomes: Queue[Exception] = Queue()

    def send_late() -> None:
        left.wait(30)
        try:
            http.request("POST", f"{shop.stripe.url}/v1/refunds", {})
        except ProviderUnreachable as error:
            outcomes.put(error)

    with pytest.raises(ProviderUnreachable):
        gate.run(send_late)
    left.set()

    assert "time for this call is up" in str(outcomes.get(timeout=30))
    assert shop.stripe.calls == []


def test_a_dripping_server_is_left(shop: Shop, dripping_server: str) -> None:
    shop.stripe.url = dripping_server

    with pytest.raises(ProviderUnreachable):
        shop.open()


def test_a_server_that_is_not_there_does_not_answer(shop: Shop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        shop.stripe.url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    with pytest.raises(ProviderUnreachable):
        shop.open()


def test_too_many_waiting_calls_do_not_take_more_threads() -> None:
    gate, answer = Gate(seconds=0.05, at_once=2), Event()
    for _ in range(2):
        with pytest.raises(ProviderUnreachable, match="too long"):
            gate.run(lambda: answer.wait(30))

    with pytest.raises(ProviderUnreachable, match="Too many"):
        gate.run(lambda: True)
    answer.set()


def test_what_ended_makes_room() -> None:
    gate = Gate(seconds=10, at_once=1)

    assert [gate.run(lambda: "done") for _ in range(5)] == ["done"] * 5
    for _ in range(3):
        with pytest.raises(KeyError):
            gate.run(lambda: EMPTY["missing"])
    assert gate.run(lambda: "done") == "done"


def test_connections_are_used_again(shop: Shop) -> None:
    for _ in range(5):
        shop.open()

    assert len(shop.stripe.connections) == 1
