"""Calls to providers: a slow or dead one of one organisation is nobody else's trouble."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn
from uuid import UUID

import pytest
from django.db import connection, transaction

from kassa.core.ids import new_id
from kassa.payments.errors import ProviderDoesNotAnswer
from kassa.payments.providers.calls import (
    CALLS_AT_ONCE,
    FAILURES_IN_A_ROW,
    REST_SECONDS,
    Lines,
    NotAsked,
    call,
)
from kassa.payments.providers.protocol import ProviderRefused, ProviderUnreachable
from tests.payments.cashier import Cashier
from tests.payments.providers import Bank, MemoryProvider

PROVIDER = MemoryProvider()


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.01)


def in_thread(work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Do something as a thread of the web does, and leave no connection behind."""
    try:
        return work(*arguments, **named)
    finally:
        connection.close()


def test_a_slow_provider_takes_four_threads_and_no_other_organisation(cashier: Cashier, bank: Bank) -> None:
    other = Cashier()
    orders = [cashier.place() for _ in range(CALLS_AT_ONCE + 1)]
    bank.answers.clear()
    with ThreadPoolExecutor(CALLS_AT_ONCE + 1) as pool:
        slow = [pool.submit(in_thread, cashier.open, order) for order in orders[:CALLS_AT_ONCE]]
        wait_until(lambda: bank.waiting == CALLS_AT_ONCE)

        with pytest.raises(ProviderDoesNotAnswer):
            cashier.open(orders[-1])
        assert bank.waiting == CALLS_AT_ONCE
        theirs = pool.submit(in_thread, other.open, other.place())
        wait_until(lambda: bank.waiting == CALLS_AT_ONCE + 1)

        bank.answers.set()
        assert [future.result(timeout=30).status for future in slow] == ["open"] * CALLS_AT_ONCE
        assert theirs.result(timeout=30).status == "open"
    assert cashier.open(orders[-1]).status == "open"


def test_a_dead_provider_of_one_organisation_is_alive_for_the_others(cashier: Cashier, bank: Bank) -> None:
    other = Cashier()
    bank.dead_for.add(cashier.id)
    order = cashier.place()

    for _ in range(FAILURES_IN_A_ROW + 2):
        with pytest.raises(ProviderDoesNotAnswer):
            cashier.open(order)

    assert other.open(other.place()).status == "open"
    assert cashier.statuses(order) == ["opening"]


def test_two_threads_open_one_attempt(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    bank.answers.clear()
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(in_thread, cashier.open, order) for _ in range(2)]
        wait_until(lambda: bank.waiting == 2)
        bank.answers.set()
        attempts = [future.result(timeout=30) for future in both]

    assert len({attempt.id for attempt in attempts}) == 1
    assert [attempt.status for attempt in attempts] == ["open", "open"]
    assert len(bank.sessions) == 1
    assert cashier.order(order.id).payment_attempts == 1
    assert cashier.payment_events() == ["payment.opened"]


def test_two_ways_to_pay_at_once_leave_one_that_can_be_paid(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(in_thread, cashier.open, order, name) for name in ("memory", "other")]
        for future in both:
            future.result(timeout=30)

    assert sorted(cashier.statuses(order)) == ["cancelled", "open"]
    open_sessions = [seen.reference for seen in bank.sessions.values() if seen.state == "open"]
    [live] = [attempt for attempt in cashier.attempts(order) if attempt.status == "open"]
    assert open_sessions == [live.provider_reference]


def test_a_waiting_call_keeps_no_connection(cashier: Cashier, bank: Bank) -> None:
    seen: list[bool] = []
    connection.ensure_connection()

    call(PROVIDER, cashier.id, lambda: seen.append(connection.connection is None))

    assert seen == [True]


@pytest.mark.django_db(transaction=True)
def test_a_provider_is_never_called_within_a_transaction() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="within a transaction"):
        call(PROVIDER, new_id(), lambda: None)


def test_what_a_provider_does_not_expect_counts_as_no_answer(transactional_db: None) -> None:
    def fail() -> None:
        raise KeyError("id")

    with pytest.raises(ProviderUnreachable, match="KeyError"):
        call(PROVIDER, new_id(), fail)


class RefusingProvider(MemoryProvider):
    """Says no to whatever it is asked, as none should but to an opening."""

    def open(self, *arguments: object) -> NoReturn:
        raise ProviderRefused("no")

    def look_up(self, *arguments: object) -> NoReturn:
        raise ProviderRefused("no")

    def close(self, *arguments: object) -> NoReturn:
        raise ProviderRefused("no")

    def refund(self, *arguments: object) -> NoReturn:
        raise ProviderRefused("no")

    def look_up_refund(self, *arguments: object) -> NoReturn:
        raise ProviderRefused("no")


def test_a_refusal_is_an_answer(transactional_db: None) -> None:
    provider, organization_id = RefusingProvider(), new_id()

    for _ in range(FAILURES_IN_A_ROW * 2):
        with pytest.raises(ProviderRefused):
            call(provider, organization_id, provider.open)


@pytest.mark.parametrize("name", ["look_up", "close", "refund", "look_up_refund"])
def test_only_an_opening_can_be_refused(transactional_db: None, name: str) -> None:
    provider, organization_id = RefusingProvider(), new_id()

    for _ in range(FAILURES_IN_A_ROW * 2):
        with pytest.raises(ProviderUnreachable, match="no") as error:
            call(provider, organization_id, getattr(provider, name))
        assert not isinstance(error.value, NotAsked)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def fail_often(lines: Lines, key: tuple[UUID, str], times: int) -> None:
    for _ in range(times):
        lines.enter(key)
        lines.leave(key, answered=False)


def test_a_line_rests_after_failures_in_a_row_and_is_then_tried_by_one() -> None:
    clock = Clock()
    lines, key = Lines(clock), (new_id(), "memory")
    fail_often(lines, key, FAILURES_IN_A_ROW)

    with pytest.raises(NotAsked):
        lines.enter(key)
    clock.now += REST_SECONDS
    lines.enter(key)
    with pytest.raises(NotAsked):
        lines.enter(key)
    lines.leave(key, answered=True)

    lines.enter(key)
    lines.leave(key, answered=True)


def test_a_line_whose_trial_fails_rests_again() -> None:
    clock = Clock()
    lines, key = Lines(clock), (new_id(), "memory")
    fail_often(lines, key, FAILURES_IN_A_ROW)
    clock.now += REST_SECONDS
    fail_often(lines, key, 1)

    clock.now += REST_SECONDS / 2
    with pytest.raises(NotAsked):
        lines.enter(key)


def test_one_answer_makes_up_for_the_failures_before() -> None:
    lines, key = Lines(Clock()), (new_id(), "memory")
    fail_often(lines, key, FAILURES_IN_A_ROW - 1)
    lines.enter(key)
    lines.leave(key, answered=True)

    fail_often(lines, key, FAILURES_IN_A_ROW - 1)
    lines.enter(key)
