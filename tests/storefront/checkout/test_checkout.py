"""The checkout page, with the real sale behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.storefront.checkout.world import a_sale, text_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_page_shows_the_order() -> None:
    till = a_sale(2)
    answer = till.get()
    Path("/tmp/co.html").write_bytes(answer.content)
    assert answer.status_code == 200, text_of(answer)
    assert "€90.00" in text_of(answer)

def test_order() -> None:
    till = a_sale(2)
    answer = till.order()
    Path("/tmp/co2.html").write_bytes(answer.content)
    assert answer.status_code == 303, text_of(answer)
    assert [a.status for a in till.attempts()] == ["open"]
