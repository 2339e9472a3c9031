"""The worker's line to the database is cut while buyers pay: what they paid for is theirs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

from kassa.core.clock import utc_now
from kassa.integrations.demo_bank.enums import WebhookMode
from kassa.orders.models import Order
from kassa.sales.domain.place import place_orders
from kassa.sales.errors import SoldOut
from tests.concurrency.line import Line
from tests.payments.demo_shop import DemoShop
from tests.support.books import assert_books_balance
from tests.support.conditions import wait_until
from tests.support.factories import line as line_of
from tests.support.factories import make_ticket_type, order_request
from tests.support.kassa_process import ROOT

pytestmark = pytest.mark.django_db(transaction=True)


class Worker:
    """`kassa worker`, started again whenever it has ended, as `kassa serve` does."""

    def __init__(self, url: str, folder: str) -> None:
        self._environment = {**os.environ, "DATABASE_URL": url, "KASSA_DATA_DIR": folder}
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kassa", "worker"],
            env=self._environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def watch(self) -> None:
        if self._process.poll() is not None:
            self._start()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)


@pytest.fixture
def line(database_url: str) -> Iterator[Line]:
    with Line(database_url) as line:
        yield line


@pytest.fixture
def worker(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    worker = Worker(line.url, str(tmp_path_factory.mktemp("data")))
    try:
        wait_until(lambda: line.connections >= 4)
        yield worker
    finally:
        worker.stop()


def test_what_was_paid_while_the_worker_was_cut_off_is_confirmed(line: Line, worker: Worker) -> None:
    shop = DemoShop()
    scarce = make_ticket_type(shop.event, quantity=2)
    line.cut()
    paid, unpaid = shop.place(line_of(scarce)), shop.place(line_of(scarce))
    shop.pay(paid, webhook=WebhookMode.NEVER)
    Order.objects.of(shop.id).update(expires_at=utc_now() - timedelta(seconds=1))

    # Somebody wants the places, and whoever pays for one of them has to be asked about first.
    [refusal] = place_orders(shop.id, [order_request(shop.actor, line_of(scarce, 2))], now=utc_now())
    assert shop.order(paid.id).status == "pending"
    assert shop.order(unpaid.id).status == "expired"  # the control: nobody could be paying it
    assert isinstance(refusal, SoldOut)

    line.restore()

    def is_confirmed() -> bool:
        worker.watch()
        return shop.order(paid.id).status == "confirmed"

    wait_until(is_confirmed, seconds=90)
    worker.stop()
    assert_books_balance(shop.id)
