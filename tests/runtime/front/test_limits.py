"""What is too large, too slow or too much is refused, and keeps nobody else waiting."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.safe_headers import assert_safe
from tests.runtime.front.served import Connection, Served, served
from tests.support.conditions import wait_until

Start = Callable[..., Served]
PROXIED = "198.51.100.7"
UNTOLD = f"X-Forwarded-For: {PROXIED}"
"""Comes through a proxy of which nobody has told Kassa: hosts cannot be told apart then."""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Serve the site with settings of the test."""
    with ExitStack() as stack:

        def begin(**settings: Any) -> Served:
            return stack.enter_context(served(tmp_path, **settings))

        yield begin


def slow_body(site: Served, path: str = "/x", length: int = 1000) -> Connection:
    """Begin a request whose body does not come."""
    return site.connect().head(f"POST {path}", f"Content-Length: {length}").send("a")


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/x", 65_536), ("/account/login/", 65_536), ("/webhooks/stripe", 1_048_576), ("/files", 8_388_608)],
)
def test_the_limit_of_each_address_holds_to_the_byte(start: Start, path: str, limit: int) -> None:
    site = start()
    assert site.ask("POST", path, bytes(limit)).told["length"] == limit
    called = len(site.called())

    answer = site.connect().head(f"POST {path}", f"Content-Length: {limit + 1}").answer("POST")
    assert (answer.status, answer.code) == (413, "body_too_large")
    assert answer.headers["connection"] == "close"

    connection = site.connect().head(f"POST {path}", "Transfer-Encoding: chunked")
    with suppress(ConnectionError):  # it does not have to be read to its end
        for _ in range(limit // 65_536 + 1):
            connection.send("10000\r\n", bytes(65_536), "\r\n")
    answer = connection.answer("POST")
    assert (answer.status, answer.code) == (413, "body_too_large")
    assert len(site.called()) == called


def test_a_large_body_of_nobody_is_not_read(start: Start) -> None:
    """What the API would take from a key, it does not read from a stranger."""
    site = start()
    answer = site.connect().head("POST /api/v1/seat-layouts", "Content-Length: 5000000").answer("POST")
    assert (answer.status, answer.code) == (401, "key_missing")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert site.called() == []


def test_a_slow_body_is_refused_and_held_no_thread(start: Start) -> None:
    site = start(threads=1, body_seconds=2)
    slow = [slow_body(site) for _ in range(30)]
    for _ in range(5):  # while all of them are under way
        assert site.ask("GET", "/healthz").status == 200
        assert site.ask("GET", "/x").status == 200
        assert site.ask("POST", "/x", b"test").told["length"] == 4
    for connection in slow:
        answer = connection.answer("POST")
        assert (answer.status, answer.code) == (408, "body_too_slow")
        assert answer.headers["connection"] == "close"
    assert sorted(set(site.called())) == ["GET /x", "POST /x"]
    assert site.called().count("POST /x") == 5


def test_control_a_body_that_comes_in_time_is_taken(start: Start) -> None:
    site = start(threads=1, body_seconds=30)
    slow = [slow_body(site) for _ in range(30)]
    assert site.ask("GET", "/x").status == 200
    for connection in slow:
        assert connection.send("b" * 999).answer("POST").told["length"] == 1000


def test_a_long_body_must_come_with_some_speed(start: Start) -> None:
    """A little now and then does not keep it alive; what has come counts for the time it may take."""
    site = start(body_seconds=1)
    stuck = slow_body(site, "/files", 4_000_000).send(bytes(100))
    lively = slow_body(site, "/files", 4_000_001)
    pieces = 1
    while not answered([stuck]) or pieces < 10:
        select.select([lively.socket], [], [], 0.1)
        lively.send(bytes(10_000))
        pieces += 1
    assert stuck.answer("POST").status == 408
    rest = 4_000_001 - 1 - (pieces - 1) * 10_000
    assert lively.send(bytes(rest)).answer("POST").told["length"] == 4_000_001


def test_much_at_once_earns_no_long_silence(start: Start) -> None:
    """At the speed it has to come with, the silence after it might last for four minutes."""
    site = start(body_seconds=1)
    silent = slow_body(site, "/files", 4_000_001).send(bytes(3_900_000))
    answer = silent.answer("POST")
    assert (answer.status, answer.code) == (408, "body_too_slow")


def test_one_client_has_only_so_many_slow_bodies(start: Start) -> None:
    site = start(slow_per_host=3, body_seconds=60)
    slow = [slow_body(site) for _ in range(8)]
    wait_until(partial(are_answered, slow, 5))
    refused = answered(slow)
    assert [connection.answer("POST").status for connection in refused] == [408] * 5
    for connection in slow:
        if connection not in refused:
            assert connection.send("b" * 999).answer("POST").told["length"] == 1000


def test_all_bodies_together_have_a_budget(start: Start) -> None:
    site = start(body_memory=110_000, body_seconds=60)
    for _ in range(2):  # what the first ones had taken is there again for the second
        sending = [site.connect() for _ in range(5)]
        for connection in sending:
            connection.head("POST /files", "Content-Length: 30001", UNTOLD).send(bytes(30_000))
        wait_until(partial(are_answered, sending, 2))
        refused = answered(sending)
        for connection in refused:
            answer = connection.answer("POST")
            assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "busy", "1")
        taken = [connection for connection in sending if connection not in refused]
        assert [each.send("b").answer("POST").told["length"] for each in taken] == [30_001] * 3


def test_one_host_uses_up_only_a_part_of_the_budget(start: Start) -> None:
    site = start(body_memory=1_000_000, body_seconds=60)
    greedy = [site.connect() for _ in range(5)]
    for connection in greedy:
        connection.head("POST /files", "Content-Length: 30001").send(bytes(30_000))
    wait_until(partial(are_answered, greedy, 2))
    assert {each.answer("POST").code for each in answered(greedy)} == {"busy"}
    others = site.connect().head("POST /files", "Content-Length: 30001", UNTOLD).send(bytes(30_001))
    assert others.answer("POST").told["length"] == 30_001


def test_small_bodies_are_read_while_large_ones_use_the_budget_up(start: Start) -> None:
    site = start(body_memory=100_000, body_seconds=60)
    large = [site.connect() for _ in range(5)]
    for connection in large:
        connection.head("POST /files", "Content-Length: 80001", UNTOLD).send(bytes(80_000))
    wait_until(partial(are_answered, large, 4))
    full = site.ask("POST", "/files", bytes(20_000), X_Forwarded_For=PROXIED)
    assert (full.status, full.code) == (503, "busy")
    assert site.ask("POST", "/api/v1/orders", bytes(1_000)).told["length"] == 1_000


def test_a_large_message_of_no_provider_is_not_read(start: Start) -> None:
    site = start()
    answer = site.connect().head("POST /webhooks/nobody", "Content-Length: 1000000").answer("POST")
    assert (answer.status, answer.code) == (422, "payment_provider_unknown")
    assert site.called() == []


def are_answered(connections: list[Connection], count: int) -> bool:
    return len(answered(connections)) >= count


def answered(connections: list[Connection]) -> list[Connection]:
    """Return those on which there is something to read."""
    ready, _, _ = select.select([each.socket for each in connections], [], [], 0)
    return [each for each in connections if each.socket in ready]


def test_a_client_that_leaves_within_a_body_never_reaches_the_application(start: Start) -> None:
    site = start(threads=1, body_memory=800_000)  # of which one host has an eighth
    for is_chunked in (False, True):
        for _ in range(20):
            how = "Transfer-Encoding: chunked" if is_chunked else "Content-Length: 70000"
            connection = site.connect().head("POST /files", how)
            connection.send("10000\r\n" if is_chunked else "", bytes(60_000)).close()
    # What they had taken of the budget is there again.
    wait_until(lambda: site.ask("POST", "/after", bytes(60_000)).status == 200)
    assert {line for line in site.called() if "files" in line} == set()


def test_who_left_while_waiting_is_not_worked_on(start: Start) -> None:
    site = start(threads=1)
    first, stays = site.connect().head("GET /hold"), site.connect()
    wait_until(lambda: site.called() == ["GET /hold"])
    waiting = [site.connect().head(f"GET /waiting/{number}") for number in range(5)]
    stays.head("GET /stays")
    assert site.ask("GET", "/healthz").status == 200  # what came before it waits by now
    for connection in waiting:
        connection.close()
    wait_until(lambda: site.log().count("A client has left") == len(waiting))
    site.let_go()
    assert first.answer().status == 200
    assert stays.answer().status == 200
    assert set(site.called()) == {"GET /hold", "GET /stays"}


def test_an_address_that_asks_all_the_time_has_to_wait(start: Start) -> None:
    site = start(request_rate="1/hour,3")
    asked = [site.ask("GET", "/x") for _ in range(3)]
    refused = site.ask("GET", "/api/v1/problems")
    assert [answer.status for answer in asked] == [200] * 3
    assert (refused.status, refused.code) == (429, "too_many_requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 3600
    assert refused.headers["ratelimit"].startswith('"requests";r=0;t=')
    page = site.ask("GET", "/x", Accept="text/html", Accept_Language="fr")
    assert page.status == 429
    assert "Patientez un instant" in page.body.decode()
    assert len(site.called()) == 3
    # Whoever has a key is counted by that; so is a provider, by its signature; and a page needs its style.
    for path in ("/healthz", "/static/storefront/base.css", "/webhooks/stripe"):
        assert site.ask("GET", path).status == 200
    assert site.ask("GET", "/api/v1/events", Authorization="Bearer x").status == 200
    assert site.ask("GET", "/x", Authorization="Bearer x").status == 429
    for path in ("/api/v1/openapi.json", "/api/v1/docs", "/api/v1/problems"):  # where no key is looked at
        assert site.ask("GET", path, Authorization="Bearer x").status == 429
    # A proxy of which nobody has told Kassa asks for many.
    assert site.ask("GET", "/x", X_Forwarded_For="198.51.100.7").status == 200


def test_an_address_that_asks_for_large_answers_has_to_wait_sooner(start: Start) -> None:
    site = start(request_rate="1/hour,25")
    asked = [site.ask("GET", "/api/v1/openapi.json").status for _ in range(3)]
    assert asked == [200, 200, 429]
    assert [site.ask("GET", "/x").status for _ in range(6)] == [200] * 5 + [429]


def test_control_without_the_limit_it_does_not(start: Start) -> None:
    site = start(request_rate="off")
    assert [site.ask("GET", "/x").status for _ in range(300)] == [200] * 300


def test_a_full_queue_is_refused_at_once(start: Start) -> None:
    site = start(threads=1, max_waiting=2)
    held = site.connect().head("GET /hold")
    wait_until(lambda: site.called() == ["GET /hold"])
    asking = [site.connect().head("GET /waiting") for _ in range(4)]
    wait_until(partial(are_answered, asking, 2))
    full = answered(asking)
    assert [each.answer().status for each in full] == [503] * 2
    waiting = [each for each in asking if each not in full]
    refused = site.ask("GET", "/refused", Accept="text/html")
    assert_safe(refused.headers)
    assert refused.status == 503
    assert int(refused.headers["retry-after"]) >= 1
    assert b"<h1>One moment, please</h1>" in refused.body
    assert site.ask("GET", "/healthz").status == 200
    assert site.ask("POST", "/api/v1/orders", b"{}").status == 200  # another lane
    site.let_go()
    assert [each.answer().status for each in [held, *waiting]] == [200, 200, 200]
    assert site.ask("GET", "/after").status == 200


def test_what_has_waited_too_long_is_refused_before_it_is_worked_on(start: Start) -> None:
    site = start(threads=1, max_wait_seconds=0.5, body_seconds=1)
    held = site.connect().head("GET /hold")
    wait_until(lambda: site.called() == ["GET /hold"])
    late = site.connect().head("GET /late")
    assert slow_body(site).answer("POST").status == 408  # more time than it may wait has passed
    site.let_go()
    assert held.answer().status == 200
    assert late.answer().status == 503
    assert site.called() == ["GET /hold"]


def test_stopping_finishes_what_is_worked_on_and_waits_for_no_slow_body(start: Start) -> None:
    site = start(body_seconds=60)
    held, slow = site.connect().head("GET /hold"), slow_body(site)
    wait_until(lambda: site.called() == ["GET /hold"])
    assert site.process is not None
    site.process.terminate()
    assert slow.answer("POST").status == 408
    site.let_go()
    assert held.answer().status == 200
    assert site.process.wait(30) == 0
