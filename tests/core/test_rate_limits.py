"""Rate limits: in memory first, and once for all processes in PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from kassa import settings as settings_module
from kassa.core import budgets, rate_limits
from kassa.core.budgets import BudgetTable, Rate, delete_unused_budgets
from kassa.core.models import Budget
from kassa.core.rate_limits import RateLimit, TooManyRequests, check, clear_rate_limits, require

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
ALONE = RateLimit("test_alone", per="address", default=Rate(6, 60, burst=3))
SHARED = RateLimit("test_shared", per="address", default=Rate(1, 3600, burst=3), is_shared=True)
BYTES = RateLimit("test_bytes", per="address", default=Rate(3600, 3600, burst=1000))


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def count_allowed(limit: RateLimit, subject: str, *, tries: int, now: datetime = NOW) -> int:
    allowed = 0
    for _ in range(tries):
        try:
            require(limit, subject, now=now)
        except TooManyRequests:
            continue
        allowed += 1
    return allowed


def test_a_burst_passes_and_then_one_at_each_interval() -> None:
    assert count_allowed(ALONE, "a", tries=10) == 3
    assert count_allowed(ALONE, "a", tries=10, now=later(9.9)) == 0
    assert count_allowed(ALONE, "a", tries=10, now=later(10)) == 1
    assert count_allowed(ALONE, "a", tries=10, now=later(1000)) == 3


def test_subjects_are_counted_apart() -> None:
    assert count_allowed(ALONE, "a", tries=5) == 3
    assert count_allowed(ALONE, "b", tries=5) == 3


def test_a_refusal_says_how_long_to_wait() -> None:
    count_allowed(ALONE, "a", tries=3)

    with pytest.raises(TooManyRequests) as refused:
        require(ALONE, "a", now=later(2.5))

    assert refused.value.retry_after == 8
    assert refused.value.headers == {
        "RateLimit-Policy": '"test_alone";q=3;w=30',
        "RateLimit": '"test_alone";r=0;t=8',
    }
    assert refused.value.details == {"limit": "test_alone", "wait_seconds": 8}


def test_a_cost_counts_as_often() -> None:
    require(BYTES, "a", now=NOW, cost=900)
    with pytest.raises(TooManyRequests) as refused:
        require(BYTES, "a", now=NOW, cost=300)
    assert refused.value.retry_after == 200
    require(BYTES, "a", now=NOW, cost=100)


def test_a_cost_above_the_burst_takes_all_of_it() -> None:
    require(BYTES, "a", now=NOW, cost=5000)
    with pytest.raises(TooManyRequests):
        require(BYTES, "a", now=NOW)


def test_a_check_counts_nothing() -> None:
    for _ in range(10):
        check(ALONE, "a", now=NOW)
    assert count_allowed(ALONE, "a", tries=5) == 3
    with pytest.raises(TooManyRequests):
        check(ALONE, "a", now=NOW)


def test_a_clock_set_back_locks_nobody_out() -> None:
    assert count_allowed(ALONE, "a", tries=5, now=later(3600)) == 3
    assert count_allowed(ALONE, "a", tries=5, now=NOW) == 3


@given(
    steps=st.lists(st.floats(min_value=0, max_value=5, allow_nan=False), min_size=1, max_size=60),
    rate=st.builds(Rate, st.integers(1, 50), st.integers(1, 60), st.integers(1, 20)),
)
def test_never_more_than_the_rate_allows(steps: list[float], rate: Rate) -> None:
    """In any span of time at most the burst and what has become free in it."""
    table, now, passed = BudgetTable(), 1e4, []
    for step in steps:
        now += step
        if table.spend("a", rate, cost=1, now=now) == 0:
            passed.append(now)
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            span = passed[last] - passed[first]
            assert last - first + 1 <= rate.burst + span / rate.interval + 0.01


@given(rate=st.builds(Rate, st.integers(1, 50), st.integers(1, 60), st.integers(1, 20)))
def test_after_the_wait_it_passes(rate: Rate) -> None:
    table = BudgetTable()
    waits = [table.spend("a", rate, cost=1, now=1e4) for _ in range(rate.burst + 1)]
    assert waits[:-1] == [0.0] * rate.burst
    assert waits[-1] > 0
    assert table.spend("a", rate, cost=1, now=1e4 + waits[-1]) == 0


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "MAX_SUBJECTS", 100)
    table = BudgetTable()
    for number in range(1000):
        table.spend(f"a{number}", Rate(1, 60, 1), cost=1, now=1e4)
        table.spend("always", Rate(1, 60, 1), cost=1, now=1e4 + number * 60)
    assert len(table) == 100
    assert table.get_wait("always", Rate(1, 60, 1), now=1e4 + 999 * 60) > 0


def test_operators_set_the_rate_or_switch_it_off(settings: Any) -> None:
    settings.RATES = {"test_alone": (1, 60, 1)}
    assert count_allowed(ALONE, "a", tries=5) == 1
    settings.RATES = {"test_alone": None}
    assert count_allowed(ALONE, "a", tries=50) == 50
    settings.RATES = {}
    settings.RATE_LIMITS = False
    assert count_allowed(ALONE, "a", tries=50) == 50


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("60/minute,120", (60, 60, 120)),
        ("5/second,9", (5, 1, 9)),
        ("1/day,1", (1, 86400, 1)),
        ("off", None),
    ],
)
def test_rates_are_read_from_the_environment(
    value: str, expected: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KASSA_RATE_TEST_ALONE", value)
    assert settings_module._rates()["test_alone"] == expected


def test_a_rate_that_cannot_be_read_stops_the_start(tmp_path: Any) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "kassa", "doctor"],
        env={**os.environ, "KASSA_RATE_ORDERS": "many", "KASSA_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "The setting KASSA_RATE_ORDERS cannot be read: 'many' is not a rate" in ended.stderr + ended.stdout


@pytest.mark.django_db(transaction=True)
def test_a_shared_rule_counts_all_processes_together() -> None:
    allowed = 0
    for _ in range(4):
        clear_rate_limits()  # as another process would begin
        allowed += count_allowed(SHARED, "a", tries=2)
    assert allowed == 3


@pytest.mark.django_db(transaction=True)
def test_control_a_rule_that_is_not_shared_counts_each_process_for_itself() -> None:
    allowed = 0
    for _ in range(4):
        clear_rate_limits()
        allowed += count_allowed(ALONE, "a", tries=2)
    assert allowed == 8


@pytest.mark.django_db(transaction=True)
def test_many_connections_at_once_pass_as_often_as_one() -> None:
    def ask(_: int) -> bool:
        try:
            return budgets.spend_in_database("race", "a", Rate(1, 3600, burst=7), cost=1) <= 0
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(160)))
    assert sum(answers) == 7


@pytest.mark.django_db(transaction=True)
def test_a_race_that_was_lost_is_a_refusal() -> None:
    """Another transaction uses all up, after the snapshot of a statement that waits for it."""
    rate = Rate(1, 3600, burst=1)
    budgets.spend_in_database("race", "a", rate, cost=1)
    Budget.objects.update(tat=datetime(2026, 1, 1, tzinfo=UTC))

    def ask() -> float:
        try:
            return budgets.spend_in_database("race", "a", rate, cost=1)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE core_budget SET tat = clock_timestamp() + interval '1 hour'")
            answer = pool.submit(ask)
            waiting = 0
            while not waiting and not answer.done():
                cursor.execute(
                    "SELECT count(*) FROM pg_locks "
                    "WHERE NOT granted AND transactionid = pg_current_xact_id()::xid"
                )
                [waiting] = cursor.fetchone()
        assert waiting == 1
        assert answer.result() == rate.interval


@pytest.mark.django_db(transaction=True)
def test_a_flood_is_refused_without_the_database(django_assert_num_queries: Any) -> None:
    count_allowed(SHARED, "a", tries=3)
    with django_assert_num_queries(0):
        assert count_allowed(SHARED, "a", tries=1000) == 0


@pytest.mark.django_db(transaction=True)
def test_what_the_database_refuses_is_remembered(django_assert_num_queries: Any) -> None:
    now = datetime.now(UTC)
    count_allowed(SHARED, "a", tries=3, now=now)
    clear_rate_limits()
    with django_assert_num_queries(1), pytest.raises(TooManyRequests) as refused:
        require(SHARED, "a", now=now)
    assert 3590 <= (refused.value.retry_after or 0) <= 3600
    with django_assert_num_queries(0):
        assert count_allowed(SHARED, "a", tries=1000, now=now) == 0
        assert count_allowed(SHARED, "a", tries=10, now=now + timedelta(seconds=3500)) == 0


@pytest.mark.django_db(transaction=True)
def test_a_shared_rule_is_never_counted_inside_a_transaction() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        require(SHARED, "a", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_the_table_is_unlogged_and_names_nobody() -> None:
    require(SHARED, "192.0.2.7", now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'core_budget'")
        assert cursor.fetchone() == ("u",)
    [key] = Budget.objects.values_list("key", flat=True)
    assert len(bytes(key)) == 32
    assert b"192.0.2.7" not in bytes(key)


@pytest.mark.django_db(transaction=True)
def test_budgets_with_nothing_used_up_are_deleted() -> None:
    require(SHARED, "a", now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO core_budget VALUES ('\\x00', clock_timestamp() - interval '1 s')")
    assert delete_unused_budgets() == 1
    assert Budget.objects.count() == 1


def test_names_are_given_once() -> None:
    with pytest.raises(ValueError, match="test_alone"):
        RateLimit("test_alone", per="key", default=Rate(1, 1, 1))
    names = sorted(rate_limits.RateLimit.declared)
    assert all(first < second for first, second in pairwise(names))
