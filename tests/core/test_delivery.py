"""The one loop of deliveries: each row by one worker, tried again later, given back, given up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from kassa.core import delivery
from kassa.core.delivery import BackOff, Batch, DeliveryQueue
from kassa.identity.models import AccountMail
from kassa.organizations.models import Organization
from kassa.payments.models import WebhookEvent
from tests.support.factories import make_organization
from tests.support.kassa_process import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LEASE = timedelta(minutes=10)
BACK_OFF = BackOff([5 * SECOND, 20 * SECOND, 60 * SECOND], max_tries=5)
MAIL = DeliveryQueue(AccountMail, back_off=BACK_OFF, lease=LEASE, tries="attempts")
WEBHOOKS = DeliveryQueue(
    WebhookEvent, back_off=BACK_OFF, condition="status = 'received'", returning="d.body, d.provider"
)
CLAIM_AND_DIE = f"""
import django, os, signal
django.setup()
from tests.core.test_delivery import MAIL, NOW
for batch in MAIL.batches(None, limit=10, now=NOW):
    for mail in batch:
        os.kill(os.getpid(), signal.{signal.SIGKILL.name})
"""


def write_mails(count: int = 1) -> list[UUID]:
    """Write letters that are due now; return their ids."""
    made = [AccountMail.objects.create(content="", created_at=NOW, next_try_at=NOW) for _ in range(count)]
    return [mail.id for mail in made]


def store_webhook(organization: Organization, **values: Any) -> WebhookEvent:
    count = WebhookEvent.objects.of(organization.id).count()
    given = {"provider": "memory", "provider_event_id": f"e{count}", "body": "{}", "next_try_at": NOW}
    return WebhookEvent.objects.of(organization.id).create(
        organization_id=organization.id, **{**given, **values}
    )


def mails() -> list[tuple[int, timedelta]]:
    """Return of each letter, in the order of writing, how often it was tried, and when it is due from now."""
    rows = AccountMail.objects.order_by("id")
    return [(mail.attempts, mail.next_try_at - NOW) for mail in rows]


def after(times: int) -> Callable[[], bool]:
    """Return what says stop once it has been asked so often."""
    answers: Iterator[bool] = iter([False] * times)
    return lambda: next(answers, True)


def at_once(work: Callable[[], Any], workers: int) -> list[Any]:
    """Do the work in several threads, each with a connection of its own, and return what came of it."""
    start = Barrier(workers, timeout=60)

    def run(_: int) -> Any:
        start.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, range(workers)))


def claim_beside_another(queue: DeliveryQueue) -> tuple[list[UUID], list[UUID]]:
    """Claim the only row twice: the second worker begins while the first one has not committed yet."""

    def claim() -> list[UUID]:
        try:
            return [row.id for row in queue.claim(None, limit=10, now=NOW)]
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            first = [row.id for row in queue.claim(None, limit=10, now=NOW)]
            second = pool.submit(claim)
            waiting = 0
            while not waiting and not second.done():
                cursor.execute(
                    "SELECT count(*) FROM pg_locks "
                    "WHERE NOT granted AND transactionid = pg_current_xact_id()::xid"
                )
                [waiting] = cursor.fetchone()
        return first, second.result()


def test_rows_are_claimed_once_by_workers_at_once() -> None:
    written = write_mails(40)

    def work() -> list[UUID]:
        return [mail.id for batch in MAIL.batches(None, limit=3, now=NOW) for mail in batch]

    claimed = Counter(mail_id for found in at_once(work, 4) for mail_id in found)

    assert claimed == Counter(written)
    assert [tries for tries, _ in mails()] == [1] * 40


def test_second_worker_does_not_wait_for_a_row_that_is_being_claimed() -> None:
    written = write_mails()

    assert claim_beside_another(MAIL) == (written, [])


def test_control_without_the_lock_both_workers_get_the_row() -> None:
    careless = DeliveryQueue(AccountMail, back_off=BACK_OFF, lease=LEASE, tries="attempts")
    careless._claim = careless._claim.replace("FOR NO KEY UPDATE SKIP LOCKED", "")
    written = write_mails()

    assert claim_beside_another(careless) == (written, written)


def test_killed_in_the_middle_a_row_falls_due_with_its_lease(database_url: str) -> None:
    written = write_mails(2)
    environment = {**os.environ, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "kassa.settings"}
    done = subprocess.run(
        [sys.executable, "-c", CLAIM_AND_DIE], check=False, env=environment, cwd=ROOT, timeout=120
    )

    assert done.returncode == -signal.SIGKILL
    assert mails() == [(1, LEASE), (1, LEASE)]
    assert MAIL.claim(None, limit=10, now=NOW + LEASE - SECOND) == []
    assert [(row.id, row.tries) for row in MAIL.claim(None, limit=10, now=NOW + LEASE)] == [
        (mail_id, 2) for mail_id in written
    ]


def test_without_a_lease_a_claim_lasts_until_the_next_try_is_due() -> None:
    organization = make_organization()
    store_webhook(organization)
    now, waits = NOW, []
    for _ in range(4):
        [row] = WEBHOOKS.claim(organization.id, limit=10, now=now)
        due = WebhookEvent.objects.of(organization.id).get().next_try_at
        waits.append(due - now)
        assert WEBHOOKS.claim(organization.id, limit=10, now=due - SECOND) == []
        now = due

    assert waits == [5 * SECOND, 20 * SECOND, 60 * SECOND, 60 * SECOND]
    assert (row.tries, row.body, row.provider) == (4, "{}", "memory")


@pytest.mark.parametrize(
    ("tries", "waits"), [(1, 5), (2, 20), (3, 60), (4, 60), (5, None), (6, None), (100, None)]
)
def test_back_off_grows_and_ends(tries: int, waits: int | None) -> None:
    wanted = None if waits is None else NOW + timedelta(seconds=waits)

    assert BACK_OFF.next_try_at(tries, now=NOW) == wanted
    assert BACK_OFF.is_over(tries) == (waits is None)


def test_back_off_without_an_end_goes_on() -> None:
    assert BackOff([SECOND]).next_try_at(10_000, now=NOW) == NOW + SECOND


def test_dead_row_is_not_claimed() -> None:
    """It has no moment at which it is due, or it is in a state that is not delivered."""
    organization = make_organization()
    store_webhook(organization, status="dead")
    waiting = store_webhook(organization)

    assert [row.id for row in WEBHOOKS.claim(organization.id, limit=10, now=NOW)] == [waiting.id]


def test_tenants_rows_are_claimed_and_given_back_for_one_organisation() -> None:
    first, second = make_organization(), make_organization()
    for organization in (first, second):
        store_webhook(organization)

    claimed = WEBHOOKS.claim(first.id, limit=10, now=NOW)
    WEBHOOKS.give_back(second.id, claimed, due=NOW)

    assert [row.id for row in claimed] == [WebhookEvent.objects.of(first.id).get().id]
    assert WEBHOOKS.claim(None, limit=10, now=NOW) == []
    assert [WebhookEvent.objects.of(one.id).get().tries for one in (first, second)] == [1, 0]


def test_worker_that_stops_gives_back_what_it_has_not_begun() -> None:
    write_mails(3)
    begun = []
    for batch in MAIL.batches(None, limit=10, now=NOW, should_stop=after(2)):
        begun += [mail.id for mail in batch]

    assert len(begun) == 1
    [first, *others] = mails()
    assert first == (1, LEASE)
    assert [tries for tries, _ in others] == [0, 0]
    assert [mail.id for mail in MAIL.claim(None, limit=10, now=NOW + LEASE - SECOND)] == [
        mail.id for mail in AccountMail.objects.order_by("id")[1:]
    ]


def test_batch_that_is_stopped_is_given_back_after_a_pause() -> None:
    write_mails(3)
    for batch in MAIL.batches(None, limit=2, now=NOW):
        for _ in batch:
            batch.pause = timedelta(hours=1)
            batch.stop()

    [first, second, third] = mails()
    assert (first, third) == ((1, LEASE), (0, timedelta(0)))
    assert second[0] == 0
    assert second[1] >= timedelta(hours=1)


def test_what_is_taken_together_is_not_given_back() -> None:
    write_mails(3)
    for batch in MAIL.batches(None, limit=10, now=NOW):
        begun = next(iter(batch))
        rest = batch.take_rest()

    assert [begun, *rest] == list(batch.rows)
    assert mails() == [(1, LEASE)] * 3


def test_batch_is_left_before_its_lease_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """One row is always begun: a worker that is slow makes progress all the same."""
    monkeypatch.setattr(delivery, "WORKED_ON", 0)
    batch: Batch[int] = Batch([1, 2, 3], claimed_at=NOW, lease=LEASE, should_stop=lambda: False)
    long: Batch[int] = Batch([1, 2, 3], claimed_at=NOW, lease=LEASE, should_stop=lambda: False)
    long._ends_at += LEASE.total_seconds()

    assert (list(batch), list(batch.take_rest())) == ([1], [2, 3])
    assert list(long) == [1, 2, 3]


def test_what_fails_in_a_turn_is_left_to_a_later_one() -> None:
    """A turn ends, even if what it has tried without success is due again before its end."""
    quick = DeliveryQueue(AccountMail, back_off=BackOff([timedelta(0)]), tries="attempts")
    write_mails(2)
    tried = 0
    for batch in quick.batches(None, limit=1, now=NOW):
        for mail in batch:
            AccountMail.objects.filter(id=mail.id).update(next_try_at=NOW + SECOND)
            tried += 1

    assert tried == 2


def test_whoever_has_lost_the_claim_gives_nothing_back() -> None:
    write_mails()
    lost = MAIL.claim(None, limit=10, now=NOW)
    MAIL.claim(None, limit=10, now=NOW + LEASE)

    MAIL.give_back(None, lost, due=NOW)

    assert mails() == [(2, 2 * LEASE)]


def test_batch_that_fails_as_a_whole_waits_for_its_lease() -> None:
    write_mails(2)

    def work() -> None:
        for batch in MAIL.batches(None, limit=10, now=NOW):
            for _ in batch:
                raise InterruptedError

    with pytest.raises(InterruptedError):
        work()

    assert mails() == [(1, LEASE)] * 2
