"""The demo bank where it is switched off: nobody can pay there, and what was paid is given back by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kassa.core.clock import utc_now
from kassa.integrations.demo_bank.domain import pay
from kassa.integrations.demo_bank.models import DemoPayment, DemoWebhook
from kassa.integrations.demo_bank.tasks import run_demo_bank
from kassa.payments.domain.refunds.progress import mark_refunded
from kassa.payments.models import RefundPart
from kassa.payments.providers.registry import providers
from tests.integrations.demo import opened
from tests.payments.money import give_back, paid_order
from tests.support.books import assert_books_balance
from tests.support.job_context import JOB
from tests.support.sale_world import World

LOOK = """
import json, django; django.setup()
from django.urls import Resolver404, resolve
from kassa.payments.providers.registry import providers
try:
    resolve("/demo-bank/pay/anything")
    has_page = True
except Resolver404:
    has_page = False
print(json.dumps({"is_offered": "demo" in providers(), "has_page": has_page}))
"""


@pytest.mark.parametrize(
    ("given", "is_on"),
    [
        ({}, True),
        ({"KASSA_DEMO": "0"}, False),
        ({"KASSA_DEMO_PAYMENTS": "off"}, False),
        ({"KASSA_DEMO": "0", "KASSA_DEMO_PAYMENTS": "1"}, True),
    ],
)
def test_a_setting_takes_bank_and_page_away(tmp_path: Path, given: dict[str, str], is_on: bool) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KASSA_")}
    own = {"KASSA_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "kassa.settings"}

    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        env={**kept, **own, **given},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"is_offered": is_on, "has_page": is_on}


@pytest.mark.django_db
def test_its_job_rests(settings: Any) -> None:
    payment = opened(now=utc_now())
    pay(payment.reference, now=utc_now())
    webhooks = DemoWebhook.objects.of(payment.organization_id)
    settings.DEMO_PAYMENTS = False

    run_demo_bank(JOB, timestamp=0)
    assert webhooks.get().tries == 0

    settings.DEMO_PAYMENTS = True
    run_demo_bank(JOB, timestamp=0)
    assert webhooks.get().tries == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_paid_there_is_given_back_by_hand(settings: Any) -> None:
    world = World()
    order = paid_order(world)
    settings.PAYMENT_PROVIDERS = [path for path in settings.PAYMENT_PROVIDERS if "Demo" not in path]
    providers.cache_clear()
    try:
        refund = give_back(world, order, everything=True)
        [part] = RefundPart.objects.of(world.organization.id)
        assert (part.provider, part.status, part.next_try_at) == ("demo", "pending", None)

        mark_refunded(world.context(), order.id, refund.id, reference="transfer")
    finally:
        providers.cache_clear()

    assert world.order(order.id).payment_status == "refunded"
    assert not DemoPayment.objects.of(world.organization.id).exists()
    assert_books_balance()
