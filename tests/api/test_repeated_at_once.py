from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from kassa.catalog.queries import tax_rules_of
from tests.api.shop import Answer, Shop, open_shop


@pytest.mark.django_db(transaction=True)
def test_one_key_sent_eight_times_at_once_has_one_effect() -> None:
    shop = open_shop()
    together = Barrier(8, timeout=30)

    def send(_: int) -> Answer:
        client = Shop(shop.organization_id, shop.secret)
        together.wait()
        try:
            return client.post("/tax-rules", {"name": "VAT", "rate": "19"}, key="k1")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert [answer.status for answer in answers] == [201] * 8
    assert len({answer.body["id"] for answer in answers}) == 1
    assert tax_rules_of(shop.organization_id).count() == 1
