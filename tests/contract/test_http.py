"""What HTTP itself allows to be asked: every method, any body, any header."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.contract.operations import NAMES, OPERATIONS, PREFIX
from tests.contract.world import World

pytestmark = pytest.mark.django_db

METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND"}
PATHS: dict[str, set[str]] = {}
for _operation in OPERATIONS:
    PATHS.setdefault(_operation.path, {"OPTIONS"}).add(_operation.method)
    if _operation.method == "GET":
        PATHS[_operation.path].add("HEAD")

PROBLEM = "application/problem+json"
TAX_RULE = b'{"name": "VAT", "rate": "19"}'


def url_of(path: str, world: World) -> str:
    return f"{PREFIX}{path.format(**NAMES, **world.ids)}"


@pytest.mark.parametrize("path", PATHS)
def test_methods_that_an_address_does_not_have(path: str, world: World) -> None:
    for method in sorted(METHODS - PATHS[path]):
        answer = world.api.call(method, url_of(path, world))
        assert (answer.status_code, answer["Content-Type"]) == (405, PROBLEM)
        assert answer["Allow"] == ", ".join(sorted(PATHS[path]))
        if method != "HEAD":
            assert answer.json()["code"] == "method_not_allowed"
            assert answer.json()["allowed"] == answer["Allow"]


@pytest.mark.parametrize("path", PATHS)
def test_options_tell_the_methods(path: str, world: World) -> None:
    answer = world.api.call("OPTIONS", url_of(path, world))
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Allow"] == ", ".join(sorted(PATHS[path]))


@pytest.mark.parametrize("path", [path for path, methods in PATHS.items() if "HEAD" in methods])
def test_head_is_get_without_its_body(path: str, world: World) -> None:
    read = world.api.call("GET", url_of(path, world))
    head = world.api.call("HEAD", url_of(path, world))
    assert (head.status_code, head.content) == (read.status_code, b"")
    varies = {"Content-Length"} if path.endswith(".pkpass") else set()  # signed anew, with the time in it
    assert {name: value for name, value in head.headers.items() if name not in varies} == {
        name: value for name, value in read.headers.items() if name not in varies
    }


@pytest.mark.parametrize("path", ["/nothing", "/events/", "/orders//", "/events/%00", "/%F0%9F%98%80", "/.."])
def test_addresses_there_are_none(world: World, path: str) -> None:
    answer = world.api.get(f"{PREFIX}{path}")
    assert (answer.status_code, answer["Content-Type"]) in {(404, PROBLEM), (422, PROBLEM)}


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json; charset=utf-8",
        "application/json; charset=no-such",
        "text/plain",
        "",
        ";;;",
        "\u00e9",
    ],
)
def test_json_is_read_whatever_it_is_called(world: World, media_type: str) -> None:
    answer = send(world, TAX_RULE, media_type)
    assert answer.status_code == 201, answer.content


@pytest.mark.parametrize(
    "media_type",
    ["multipart/form-data", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"],
)
def test_forms_are_not_json(world: World, media_type: str) -> None:
    answer = send(world, b'--x\r\nContent-Disposition: form-data; name="rate"\r\n\r\n19\r\n--x--', media_type)
    assert (answer.status_code, answer["Content-Type"]) == (422, PROBLEM)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"\xff\xfe",
        b'{"name": "\xe9", "rate": "19"}',
        b"\xef\xbb\xbf" + b"[",
        b'{"name": "VAT", "rate": 1' + b"0" * 5_000 + b"}",
        b'{"name": "VAT", "rate": "1e-999999999"}',
        b'{"name": "VAT", "rate": 1e999999999}',
        b'{"name": "VAT", "rate": "' + b"9" * 100_000 + b'"}',
        b'{"name": {"a":' * 200 + b"1" + b"}" * 400,
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"name": "\\ud800", "rate": "19"}',
        b'{"name": "a\\u0000", "rate": "19"}',
        b"NaN",
        b"-",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_bodies_that_are_no_json(world: World, body: bytes) -> None:
    answer = send(world, body)
    assert (answer.status_code, answer["Content-Type"]) == (422, PROBLEM), answer.content


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a\u0000b", "a\tb", "\u00a0"])
def test_idempotency_keys_that_are_none(world: World, key: str) -> None:
    for path in ("/tax-rules", "/orders"):
        answer = send(world, TAX_RULE, path=path, HTTP_IDEMPOTENCY_KEY=key)
        assert (answer.status_code, answer["Content-Type"]) == (422, PROBLEM)


@pytest.mark.parametrize(
    "question",
    [
        "limit=0",
        "limit=201",
        "limit=99999999999999999999",
        "limit=1e3",
        "limit=",
        "limit=%00",
        "after=x",
        "after=%00",
        "limit=%D9%A1",
    ],
)
def test_pages_there_are_none(world: World, question: str) -> None:
    for path in ("/events", "/orders", "/carts", "/coupons"):
        answer = world.api.get(f"{PREFIX}{path}?{question}")
        assert answer.status_code in {200, 422}
        if answer.status_code == 422:
            assert answer["Content-Type"] == PROBLEM


@pytest.mark.parametrize("path", ["orders?number=%00", "orders?email=%00", "carts?session_id=%00"])
def test_questions_with_a_nul(world: World, path: str) -> None:
    assert world.api.get(f"{PREFIX}/{path}").status_code == 422


def send(
    world: World,
    body: bytes,
    media_type: str = "application/json",
    *,
    path: str = "/tax-rules",
    **headers: Any,
) -> Any:
    return Client(raise_request_exception=False).generic(
        "POST",
        f"{PREFIX}{path}",
        body,
        content_type=media_type,
        HTTP_AUTHORIZATION=f"Bearer {world.api.secret}",
        **headers,
    )
