"""Whatever is sent, the answer is a problem that says what to do, and never a fault of ours."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.conf import settings

from tests.api import nouns
from tests.api.shop import Shop

pytestmark = pytest.mark.django_db

DEEP = b'{"a":' * 300 + b"1" + b"}" * 300
MOMENTS = [
    b'"0001-01-01T00:00:00+14:00"',
    b'"9999-12-31T23:59:59-14:00"',
    b'"1899-12-31T23:59:59Z"',
    b'"3000-01-01T00:00:00Z"',
    b'"2030-01-01T00:00:00"',
    b"1e400",
    b"NaN",
    b"1e18",
    b"20270612",
    b"1893456000",
    b"1893456000.5",
    b'"1893456000"',
    b'"-1893456000"',
    b"true",
]
METADATA = [
    b'{"a":"\\u0000"}',
    b'{"\\u0000":1}',
    b'{"a":["\\ud800"]}',
    b'{"\\ud800":1}',
    b'{"a":NaN}',
    b'{"a":-Infinity}',
    b'{"a":[1e200]}',
    b'{"a":-1e19}',
    b'{"a":9223372036854775808}',
    b'{"a":1' + b"0" * 30 + b"}",
    b'{"a":"' + b"x" * 10_000 + b'"}',
    DEEP,
    b"[]",
    b"null",
]
TEXTS = [
    b'"\\u0000"',
    b'"a\\u0000"',
    b'"\\ud800"',
    b"1",
    b"[]",
    b"{}",
    b'""',
    b'" "',
    b'"' + b"x" * 10_000 + b'"',
]
COUNTS = [b"2147483648", b"99999999999999999999", b"-1", b"1.5", b"NaN", b"1e400", b'"x"', b"[]"]
PRICES = [b'"NaN"', b'"Infinity"', b"1e400", b'"1e20"', b'"0.0001"', b"-1", b"[]", b'"x"', b"null"]


def refused(shop: Shop, path: str, body: dict[str, Any], field: str, raw: bytes) -> None:
    whole = orjson.dumps({**body, field: "@here@"}, default=str).replace(b'"@here@"', raw)
    answer = shop.call("POST", path, whole)
    assert answer.status == 422, answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("raw", MOMENTS)
@pytest.mark.parametrize("field", ["starts_at", "ends_at", "sales_start_at"])
def test_moments_out_of_all_bounds(shop: Shop, field: str, raw: bytes) -> None:
    refused(shop, "/events", nouns.EVENT, field, raw)


@pytest.mark.parametrize("raw", METADATA)
def test_metadata_that_cannot_be_kept(shop: Shop, raw: bytes) -> None:
    refused(shop, "/events", nouns.EVENT, "metadata", raw)
    refused(shop, "/products", {"sku": "A", "name": "A", "price": "1"}, "metadata", raw)


@pytest.mark.parametrize("raw", TEXTS)
def test_texts_that_are_none(shop: Shop, raw: bytes) -> None:
    refused(shop, "/events", nouns.EVENT, "title", raw)
    refused(shop, "/events", nouns.EVENT, "time_zone", raw)
    refused(shop, "/tax-rules", {"rate": "1"}, "name", raw)
    refused(shop, "/quotas", {"capacity": 1}, "name", raw)
    refused(shop, "/products", {"name": "A", "price": "1"}, "sku", raw)
    refused(shop, "/members", {"role": "support"}, "email", raw)
    refused(shop, "/coupons", {"discount_type": "percentage", "discount_value": "10"}, "code", raw)


@pytest.mark.parametrize("raw", COUNTS)
def test_counts_that_cannot_be_counted(shop: Shop, raw: bytes) -> None:
    coupon = {"code": "A", "discount_type": "percentage", "discount_value": "10"}
    refused(shop, "/events", nouns.EVENT, "capacity", raw)
    refused(shop, "/quotas", {"name": "A"}, "capacity", raw)
    refused(shop, "/products", {"sku": "A", "name": "A", "price": "1"}, "stock", raw)
    refused(shop, "/coupons", coupon, "max_usage_total", raw)
    event = nouns.event(shop).body["id"]
    for field in ("quantity", "min_per_order", "max_per_order"):
        refused(shop, f"/events/{event}/ticket-types", {"name": "A", "price": "1"}, field, raw)
    if raw != b"-1":
        refused(shop, f"/events/{event}/ticket-types", {"name": "A", "price": "1"}, "sort_order", raw)


@pytest.mark.parametrize("raw", PRICES)
def test_prices_that_are_none(shop: Shop, raw: bytes) -> None:
    refused(shop, "/products", {"sku": "A", "name": "A"}, "price", raw)
    refused(shop, "/coupons", {"code": "A", "discount_type": "percentage"}, "discount_value", raw)
    event = nouns.event(shop).body["id"]
    refused(shop, f"/events/{event}/ticket-types", {"name": "A"}, "price", raw)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "ftp://example.org", "https://a b", "//example.org", "https://" + "x" * 500],
)
def test_addresses_that_a_page_should_not_link_to(shop: Shop, url: str) -> None:
    for field, value in (("virtual_event_url", url), ("featured_image", url), ("gallery_images", [url])):
        refused(shop, "/events", nouns.EVENT, field, orjson.dumps(value))


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"null", b'"a"', b"{", b"\xff\xfe", b'{"\\ud800":1}', DEEP, b"[" * 9_999]
)
def test_bodies_that_are_none(shop: Shop, raw: bytes) -> None:
    for path in ("/events", "/products", "/tax-rules", "/quotas", "/coupons", "/members"):
        assert shop.call("POST", path, raw).status == 422


@pytest.mark.parametrize("asked", ["q=%00", "city=%00", "starts_from=0001-01-01T00:00:00%2B14:00"])
def test_questions_that_are_none(shop: Shop, asked: str) -> None:
    assert shop.get(f"/events?{asked}").status == 422


def test_questions_in_broken_encodings_find_nothing(shop: Shop) -> None:
    for path in ("/events?q=%ff%ed%a0%80", "/products?sku=%ff", "/coupons?code=%C3%9F"):
        assert shop.get(path).body["items"] == []
    for path in ("/products?sku=%00", "/coupons?code=%00"):
        assert shop.get(path).status == 422


def test_ids_that_are_none(shop: Shop) -> None:
    for path in ("/events/x", "/ticket-types/1", "/coupons/%00", "/quotas/..", "/members/null"):
        assert shop.get(path).status in {404, 422}


@pytest.mark.parametrize("key", [None, "k1"])
def test_a_body_that_is_too_long(shop: Shop, key: str | None) -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    body = b" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    answer = shop.call("POST", "/tax-rules", body, key=key)
    assert (answer.status, answer.code) == (413, "body_too_large")


def test_large_and_small_numbers_come_back(shop: Shop) -> None:
    metadata = {"numbers": [2**63 - 1, -(2**62), 1.5e15, 9.007e18, 5e-324, -0.1, 0]}
    made = nouns.event(shop, metadata=metadata)
    assert made.status == 201
    assert shop.get(f"/events/{made.body['id']}").body["metadata"] == metadata
