"""A whole Kassa with its demo, looked into from outside."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.rows import dict_row

from tests.support.conditions import wait_until
from tests.support.kassa_process import START_SECONDS, KassaProcess

AUDIT_SECONDS = 60
CONCERT = "Brahms and Dvořák: Two Fourths and an Eighth"
COURSE = "Introduction to TypeScript"
FREE_COURSE = "Git Without Fear: a Free Evening"
TRIP = "Leeds to Edinburgh"

LINK = """
import sys
from uuid import UUID
import django
django.setup()
from kassa.tickets.domain.links import unsubscribe_link
print(unsubscribe_link(*map(UUID, sys.argv[1:])))
"""


class Shop:
    """`kassa serve` with the demo, and its database."""

    def __init__(self) -> None:
        self.kassa = KassaProcess(KASSA_DEMO="1")
        self.address = f"http://127.0.0.1:{self.kassa.port}"
        self._numbers = count(1)

    def open(self) -> None:
        """Start it, and wait until the demo is there."""
        self.kassa.start()
        wait_until(lambda: "Kassa is ready" in self.kassa.log, seconds=START_SECONDS)

    def close(self) -> None:
        self.kassa.stop()

    @property
    def mailbox(self) -> str:
        """The path of the page that shows what was sent to whom; it is told where Kassa is started."""
        found = re.search(r"/mailbox/\w+/", self.kassa.log)
        assert found is not None
        return found[0]

    def new_email(self) -> str:
        """Return an address that nobody has ordered with."""
        return f"buyer-{next(self._numbers)}@example.com"

    def rows(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.kassa.url, autocommit=True, row_factory=dict_row) as connection:
            return connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, *parameters: Any) -> dict[str, Any]:
        [row] = self.rows(sql, *parameters)
        return row

    def change(self, sql: str, *parameters: Any) -> None:
        with psycopg.connect(self.kassa.url, autocommit=True) as connection:
            assert connection.execute(sql, parameters).rowcount == 1

    def event(self, title: str) -> dict[str, Any]:
        """Return the first event of a name that is still to come, with its shop's ``slug``."""
        return self.rows(
            """SELECT e.*, o.slug FROM catalog_event e JOIN organizations_organization o
            ON o.id = e.organization_id WHERE e.title = %s AND (e.starts_at IS NULL OR e.starts_at > now())
            ORDER BY e.starts_at LIMIT 1""",
            title,
        )[0]

    def remind(self, recipient: str) -> str:
        """Make the newest message to somebody a reminder of its event; return the path to end reminders."""
        message = self.row(
            """WITH told AS (
                INSERT INTO notifications_announcement
                    (organization_id, id, event_id, kind, occasion, told_at, completed_at)
                SELECT organization_id, gen_random_uuid(), event_id, 'event_reminder', id::text, now(), now()
                FROM orders_orderitem WHERE event_id IS NOT NULL AND (organization_id, order_id) = (
                    SELECT organization_id, order_id FROM notifications_message WHERE recipient = %s
                    ORDER BY id DESC LIMIT 1
                ) LIMIT 1 RETURNING organization_id, id
            )
            UPDATE notifications_message m SET announcement_id = told.id FROM told
            WHERE m.id = (
                SELECT id FROM notifications_message WHERE recipient = %s ORDER BY id DESC LIMIT 1
            ) RETURNING m.organization_id, m.id""",
            recipient,
            recipient,
        )
        done = subprocess.run(
            [sys.executable, "-c", LINK, str(message["organization_id"]), str(message["id"])],
            env={**self.kassa.environment, "DJANGO_SETTINGS_MODULE": "kassa.settings"},
            capture_output=True,
            text=True,
            check=True,
            timeout=AUDIT_SECONDS,
        )
        return urlsplit(done.stdout.strip()).path

    def audit(self) -> list[str]:
        """Return what ``kassa audit`` finds wrong."""
        done = subprocess.run(
            [sys.executable, "-m", "kassa", "audit"],
            env=self.kassa.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=AUDIT_SECONDS,
        )
        return [] if done.returncode == 0 else [done.stdout, done.stderr]
