"""A waiting room stands before the event: who holds a cart goes on, who wants more waits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kassa.core.clock import utc_now
from kassa.core.ttl_cache import clear_caches
from tests.storefront.checkout.world import ADA, Till, a_sale, text_of, value_of
from tests.support.factories import make_product
from tests.waiting.factories import make_room

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def till() -> Iterator[Till]:
    """A cart that was filled before the room was closed to its buyer."""
    till = a_sale(2)
    now = utc_now()
    make_room(till.event, now=now, starts_at=now, is_paused=True)
    clear_caches()
    yield till
    clear_caches()


def test_who_holds_a_cart_orders_it(till: Till) -> None:
    assert till.get().status_code == 200
    fewer = till.post("change", **{f"n-{till.items()[0].id}": "1"})
    assert "Pay €45.00" in text_of(fewer)

    assert till.order().status_code == 303
    assert len(till.orders()) == 1


def test_who_wants_more_waits_and_keeps_what_was_typed(till: Till) -> None:
    poster = make_product(till.organization, event=till.event)

    for do, typed in (("change", {f"n-{till.items()[0].id}": "3"}), (f"add:{poster.id}", {})):
        refused = till.post(do, **ADA, **typed)
        assert refused.status_code == 409
        assert "everyone waits in line" in text_of(refused)
        assert (
            f"/waiting/{till.organization.slug}/{till.event.id}?next={till.path}" in refused.content.decode()
        )
        assert value_of(refused, "email") == "ada@example.com"

    assert [item.quantity for item in till.items()] == [2]


def test_who_chooses_again_waits(till: Till) -> None:
    till.expire()

    refused = till.post("again", **ADA)

    assert refused.status_code == 409
    assert "To the waiting room" in text_of(refused)
    assert value_of(refused, "email") == "ada@example.com"
