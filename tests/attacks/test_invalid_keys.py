"""Who sends invalid keys wants each of them looked up, as often as the network carries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from tests.support.kassa_process import KassaProcess

GUESSES, REQUESTS, TRIES = 5, 20, 40


@pytest.fixture(scope="module")
def strict() -> Iterator[KassaProcess]:
    """A Kassa with one web process, where an address soon has to wait for an hour."""
    kassa = KassaProcess(
        KASSA_WEB_WORKERS="1",
        KASSA_RATE_REQUESTS=f"1/hour,{REQUESTS}",
        KASSA_RATE_API_INVALID_KEYS=f"1/hour,{GUESSES}",
    )
    kassa.start()
    yield kassa
    kassa.stop()


def ask(
    kassa: KassaProcess, key: str, body: bytes | None = None, *, path: str = "/api/v1/events"
) -> tuple[int, str]:
    """Return the status, and which limit refuses."""
    connection = HTTPConnection("127.0.0.1", kassa.port, timeout=30)
    try:
        method, address = ("GET", path) if body is None else ("POST", "/api/v1/seat-layouts")
        connection.request(method, address, body, {"Authorization": f"Bearer {key}"})
        answer = connection.getresponse()
        answer.read()
        return answer.status, (answer.headers["RateLimit"] or "").partition(";")[0].strip('"')
    finally:
        connection.close()


def test_invalid_keys_do_not_reach_the_database_for_ever(strict: KassaProcess) -> None:
    key = strict.seed()["secret"]
    # The control: a key is not counted by its address.
    assert Counter(ask(strict, key) for _ in range(TRIES)) == {(200, ""): TRIES}

    guesses = [ask(strict, f"kassa_0123456789_guess{nth}") for nth in range(TRIES)]
    assert Counter(guesses) == {
        (401, ""): GUESSES,
        (429, "api_invalid_keys"): REQUESTS,
        (429, "requests"): TRIES - GUESSES - REQUESTS,
    }
    assert guesses[-1] == (429, "requests")


def test_invalid_keys_with_large_bodies_are_counted_as_well(strict: KassaProcess) -> None:
    strict.kill_everything()
    strict.start()  # it has forgotten what it has counted
    # The body is announced as larger than anybody may send, so that the key is looked at before it is read.
    guesses = [ask(strict, f"kassa_0123456789_guess{nth}", bytes(70_000)) for nth in range(GUESSES + 1)]
    assert guesses == [(401, "")] * GUESSES + [(429, "api_invalid_keys")]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/v1/nothing", 404), ("/api/nothing", 404), ("/api/v1/organization/domain/check", 405)],
)
def test_addresses_that_do_not_exist_are_counted_with_a_key_as_without(
    strict: KassaProcess, path: str, status: int
) -> None:
    """Nothing asks for a key there; a header that says something was as good as a key."""
    strict.kill_everything()
    strict.start()
    key = strict.seed()["secret"]
    # The control: with a key that is valid it counts for that, as everything.
    assert Counter(ask(strict, key, path=path) for _ in range(TRIES)) == {(status, ""): TRIES}

    answers = [ask(strict, "anything", path=path) for _ in range(TRIES)]

    assert Counter(answers) == {
        (status, ""): GUESSES,
        (429, "api_invalid_keys"): REQUESTS,
        (429, "requests"): TRIES - GUESSES - REQUESTS,
    }
