"""What of a request reaches the application, and of an answer the client."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.attacks.safe_headers import assert_safe
from tests.runtime.front.served import Served, served
from tests.support.conditions import wait_until


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(autouse=True)
def _close(site: Served) -> Iterator[None]:
    yield
    site.close_connections()


def test_the_environment_is_that_of_wsgi(site: Served) -> None:
    answer = site.ask("GET", "/caf%C3%A9/a%20b%2Fc?q=%C3%A9&x=1", Accept="text/html", X_Own="yes")

    environ = answer.told["environ"]
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/café/a b/c"
    assert environ["QUERY_STRING"] == "q=%C3%A9&x=1"
    assert environ["REQUEST_METHOD"] == "GET"
    assert environ["SCRIPT_NAME"] == ""
    assert environ["SERVER_PROTOCOL"] == "HTTP/1.1"
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("127.0.0.1", str(site.port))
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert environ["wsgi.url_scheme"] == "http"
    assert environ["HTTP_ACCEPT"] == "text/html"
    assert environ["HTTP_X_OWN"] == "yes"
    assert answer.told["thread"].startswith("kassa-pages-")


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 1_048_577, 5_000_000])
@pytest.mark.parametrize("is_chunked", [False, True], ids=["length", "chunks"])
def test_a_body_arrives_whole(site: Served, size: int, is_chunked: bool) -> None:
    content = (b"0123456789abcde\n" * (size // 16 + 1))[:size]
    connection = site.connect()
    if is_chunked:
        connection.head("POST /files", "Transfer-Encoding: chunked", "Content-Type: text/plain")
        for start in range(0, size, 30_000):
            piece = content[start : start + 30_000]
            connection.send(f"{len(piece):x}\r\n", piece, "\r\n")
        connection.send("0\r\n\r\n")
    else:
        connection.head("POST /files", f"Content-Length: {size}", "Content-Type: text/plain").send(content)
    told = connection.answer("POST").told

    assert told["length"] == size
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    assert told["environ"].get("CONTENT_LENGTH", "0") == str(size)
    assert told["environ"]["CONTENT_TYPE"] == "text/plain"
    assert "HTTP_TRANSFER_ENCODING" not in told["environ"]
    assert told["spooled"] == (size > 1_048_576)


def test_a_spooled_body_leaves_nothing_behind(site: Served) -> None:
    before = set(site.folder.iterdir())
    assert site.ask("POST", "/files", bytes(3_000_000)).told["spooled"] == 1
    wait_until(lambda: site.ask("GET", "/after").told["spooled"] == 0)  # it is closed after the answer
    assert set(site.folder.iterdir()) <= before | {site.folder / "called"}


def test_headers_with_underscores_never_arrive(site: Served) -> None:
    connection = site.connect()
    connection.head("GET /x", "X_Forwarded_For: 198.51.100.1", "X-Real_IP: 198.51.100.2", "X-Own: yes")
    environ = connection.answer().told["environ"]
    assert environ["HTTP_X_OWN"] == "yes"
    assert [name for name in environ if "FORWARDED" in name or "REAL" in name] == []


def test_control_the_same_header_with_hyphens_arrives(site: Served) -> None:
    environ = site.connect().head("GET /x", "X-Forwarded-For: 198.51.100.1").answer().told["environ"]
    assert environ["HTTP_X_FORWARDED_FOR"] == "198.51.100.1"


def test_headers_that_occur_twice_are_joined(site: Served) -> None:
    connection = site.connect()
    connection.head(
        "GET /x", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-For: 192.0.2.2", "Cookie: a=1", "Cookie: b=2"
    )
    environ = connection.answer().told["environ"]
    assert environ["HTTP_X_FORWARDED_FOR"] == "192.0.2.1,192.0.2.2"
    assert environ["HTTP_COOKIE"] == "a=1; b=2"


@pytest.mark.parametrize(
    "headers",
    [
        ["Host: elsewhere.example"],  # the second one
        ["Content-Type: text/plain", "Content-Type: application/json"],
        ["Authorization: Bearer a", "Authorization: Bearer b"],
        ["Content-Length: 4", "Transfer-Encoding: chunked"],  # the body is none of chunks
        ["Content-Length: 4", "Content-Length: 5"],
        ["Content-Length: +4"],
        ["Content-Length: four"],
        ["Content-Length: 4, 4"],
        ["Transfer-Encoding: gzip, chunked"],
        ["Transfer-Encoding: identity"],
    ],
    ids=str,
)
def test_heads_that_say_two_things_are_refused(site: Served, headers: list[str]) -> None:
    before = len(site.called())
    answer = site.connect().head("POST /twofold", *headers).send("test").answer("POST")
    assert answer.status == 400
    assert len(site.called()) == before


def test_head_has_the_headers_and_no_body(site: Served) -> None:
    answer = site.connect().head("HEAD /x").answer("HEAD")
    assert answer.status == 200
    assert int(answer.headers["content-length"]) > 0
    assert answer.body == b""


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body_end_at_once(site: Served, status: int) -> None:
    connection = site.connect().head(f"GET /status/{status}").head("GET /next", "Connection: close")
    received = connection.rest()
    first, _, second = received.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 %d " % status)
    assert b"x-tried: yes" in first
    assert second.startswith(b"HTTP/1.1 200 OK")


def test_requests_in_one_piece_are_answered_in_order(site: Served) -> None:
    connection = site.connect()
    connection.send(
        "POST /one HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"
        "GET /two HTTP/1.1\r\nHost: localhost\r\n\r\n"
        "POST /three HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\n\r\n"
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    received = connection.rest().decode()
    places = [received.index(f'"PATH_INFO": "{path}"') for path in ("/one", "/two", "/three")]
    assert places == sorted(places)
    assert received.endswith("ok\n")
    assert received.count("HTTP/1.1 200 OK") == 4


def test_a_client_that_asks_first_is_told_to_go_on(site: Served) -> None:
    connection = site.connect().head("POST /x", "Content-Length: 4", "Expect: 100-continue")
    assert connection.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert connection.send("test").answer("POST").told["length"] == 4


def test_a_client_that_asks_first_is_told_that_it_is_too_much(site: Served) -> None:
    connection = site.connect().head("POST /x", "Content-Length: 70000", "Expect: 100-continue")
    answer = connection.answer("POST")
    assert (answer.status, answer.code) == (413, "body_too_large")
    assert answer.headers["connection"] == "close"


def test_a_stream_arrives_whole_and_is_closed(site: Served) -> None:
    answer = site.ask("GET", "/stream")
    assert answer.body == b"".join(b"%04d" % number * 1000 for number in range(200))
    wait_until((site.folder / "closed").exists)


def test_a_failure_costs_its_own_request(site: Served) -> None:
    connection = site.connect().head("GET /fail").head("GET /next", "Connection: close")
    received = connection.rest()
    assert received.startswith(b"HTTP/1.1 500 ")
    assert b"HTTP/1.1 200 OK" in received
    wait_until(lambda: "as the test wants" in (site.folder / "log").read_text())


def test_http_1_0_is_answered_and_closed(site: Served) -> None:
    connection = site.connect().send("GET /old HTTP/1.0\r\n\r\n")
    received = connection.rest()
    assert received.startswith(b"HTTP/1.0 200 OK")
    assert b'"PATH_INFO": "/old"' in received


def test_a_huge_head_is_refused(site: Served) -> None:
    before = len(site.called())
    connection = site.connect()
    status = None
    with suppress(ConnectionError):  # it need not be read to its end
        connection.head("GET /huge", *[f"X-{number}: {'x' * 1000}" for number in range(1000)])
        status = connection.answer().status
    assert status in (None, 431)
    assert len(site.called()) == before
    assert site.answers()


def test_a_process_says_that_it_answers_without_the_application(site: Served) -> None:
    before = len(site.called())
    answer = site.ask("GET", "/healthz")
    assert (answer.status, answer.body) == (200, b"ok\n")
    assert_safe(answer.headers)
    assert site.connect().head("HEAD /healthz").answer("HEAD").body == b""
    assert len(site.called()) == before


def test_nothing_is_left_in_the_folder(site: Served, tmp_path: Path) -> None:
    assert {path.name for path in site.folder.iterdir()} <= {
        "called",
        "closed",
        "held",
        "log",
        "secret_key",
    }
