"""The response that ninja makes before it knows whether it needs one."""

from __future__ import annotations

from http.cookies import SimpleCookie

import pytest
from django.http import HttpResponse

from kassa.api.late_response import LateResponse

JSON = "application/json; charset=utf-8"


def made(response: HttpResponse) -> tuple[int, dict[str, str], bytes]:
    return response.status_code, dict(response.items()), response.content


def plain(content: bytes = b"", status: int = 200) -> HttpResponse:
    return HttpResponse(content, content_type=JSON, status=status)


def test_it_is_made_as_any_other_when_its_content_is_set() -> None:
    late = LateResponse(JSON)
    late.status_code = 201
    late.content = b'{"id":1}'
    assert made(late) == made(plain(b'{"id":1}', status=201))


def test_one_without_content_is_empty() -> None:
    late = LateResponse(JSON)
    late.status_code = 204
    assert made(late) == made(plain(status=204))


def test_a_header_that_is_set_first_stays() -> None:
    late, other = LateResponse(JSON), plain()
    for response in (late, other):
        response["Location"] = "/api/v1/carts/1"
        response.set_cookie("a", "b")
        response.content = b"x"
    assert made(late) == made(other)
    assert late.cookies == other.cookies != SimpleCookie()


def test_it_serializes_and_closes_as_any_other() -> None:
    late = LateResponse(JSON)
    assert late.serialize() == plain().serialize()
    late.close()
    assert late.closed


def test_what_no_response_has_it_has_not() -> None:
    late = LateResponse(JSON)
    with pytest.raises(AttributeError):
        _ = late.render
    assert late.status_code == 200
    with pytest.raises(AttributeError):
        _ = late.render


def test_until_then_nothing_is_made() -> None:
    assert "headers" not in vars(LateResponse(JSON))
