"""The jobs of payments: one for each organisation that has something to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from kassa.core.clock import utc_now
from kassa.core.jobs import end_of_turn
from kassa.payments.domain.attempts.close import close_ended_attempts
from kassa.payments.domain.attempts.reconcile import reconcile_attempts
from kassa.payments.models import PaymentAttempt
from kassa.payments.tasks import close_payments, reconcile_payments
from tests.payments.cashier import Cashier
from tests.payments.providers import Bank
from tests.support.job_context import JOB, STOPPING_JOB


def waiting_jobs(queue: str = "providers") -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT queue_name, task_name, args->>'organization_id' FROM procrastinate_jobs"
            " WHERE status = 'todo' AND queue_name = %s ORDER BY id",
            [queue],
        )
        return list(cursor.fetchall())


def clear_jobs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.fixture(autouse=True)
def _no_jobs(cashier: Cashier) -> None:
    clear_jobs()


def test_each_organisation_with_due_attempts_gets_a_job_of_its_own(cashier: Cashier, bank: Bank) -> None:
    other, idle = Cashier(), Cashier()
    for one in (cashier, other, idle):
        one.open(one.place())
    due = PaymentAttempt.unscoped.filter(organization_id__in=[cashier.id, other.id])
    due.update(check_at=utc_now())

    reconcile_payments(timestamp=0)
    reconcile_payments(timestamp=30)

    assert sorted(waiting_jobs()) == sorted(
        ("providers", "kassa.reconcile_attempts", str(one.id)) for one in (cashier, other)
    )


def test_each_organisation_with_ended_orders_gets_a_job_of_its_own(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    cashier.open(order)
    close_payments(timestamp=0)
    assert waiting_jobs() == []
    cashier.later = timedelta(minutes=31)
    type(order).unscoped.filter(id=order.id).update(status="expired", payment_status="cancelled")

    close_payments(timestamp=0)

    assert waiting_jobs() == [("providers", "kassa.close_ended_attempts", str(cashier.id))]


def test_the_jobs_do_what_they_say(cashier: Cashier, bank: Bank) -> None:
    orders = [cashier.place(), cashier.place()]
    paid, ended = (cashier.open(order) for order in orders)
    bank.pay(f"session-{paid.id}")
    PaymentAttempt.objects.of(cashier.id).filter(id=paid.id).update(check_at=utc_now())
    type(orders[1]).unscoped.filter(id=ended.order_id).update(status="expired", payment_status="cancelled")

    for name in ("kassa.reconcile_attempts", "kassa.close_ended_attempts"):
        app.tasks[name].func(JOB, organization_id=str(cashier.id))

    assert [cashier.statuses(order) for order in orders] == [["succeeded"], ["expired"]]


def test_what_was_more_than_a_round_gets_a_turn_of_its_own(
    cashier: Cashier, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [cashier.place() for _ in range(3)]
    for order in orders:
        cashier.open(order)
    PaymentAttempt.objects.of(cashier.id).update(check_at=utc_now())
    for function in (reconcile_attempts, close_ended_attempts):
        assert function.__kwdefaults__ is not None
        monkeypatch.setitem(function.__kwdefaults__, "limit", 2)

    assert jobs_after("kassa.reconcile_attempts", cashier) == ["kassa.reconcile_attempts"]
    assert jobs_after("kassa.reconcile_attempts", cashier) == []
    type(orders[0]).unscoped.all().update(status="expired", payment_status="cancelled")
    assert jobs_after("kassa.close_ended_attempts", cashier) == ["kassa.close_ended_attempts"]
    assert jobs_after("kassa.close_ended_attempts", cashier) == []


def test_a_provider_that_is_down_is_left_to_the_next_sweep(cashier: Cashier, bank: Bank) -> None:
    orders = [cashier.place() for _ in range(3)]
    for order in orders:
        cashier.open(order)
    PaymentAttempt.objects.of(cashier.id).update(check_at=utc_now())
    bank.dead_for.add(cashier.id)

    assert jobs_after("kassa.reconcile_attempts", cashier) == []
    type(orders[0]).unscoped.all().update(status="expired", payment_status="cancelled")
    assert jobs_after("kassa.close_ended_attempts", cashier) == []


def jobs_after(name: str, cashier: Cashier) -> list[str]:
    """Do a job, and return the jobs that wait afterwards."""
    clear_jobs()
    app.tasks[name].func(JOB, organization_id=str(cashier.id))
    return [task for _, task, _ in waiting_jobs()]


def test_a_turn_ends_when_the_worker_stops() -> None:
    def should_stop(context: Any) -> bool:
        return end_of_turn(context)()

    assert not should_stop(JOB)
    assert should_stop(STOPPING_JOB)
