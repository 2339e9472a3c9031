"""While an upgrade changes the tables, whoever calls at the web's port is told to come back in a moment."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException

import psycopg
import pytest

from kassa.runtime.cluster import temporary_cluster
from kassa.runtime.ports import answers, is_free, is_serving
from kassa.runtime.schema import ADVISORY_LOCK
from kassa.runtime.stamp import has_tables, is_current
from tests.runtime.front.served import Answer
from tests.support.process_tree import children_of, command_of
from tests.support.template_database import copy_migrated

pytestmark = pytest.mark.slow
StartKassa = Callable[..., "subprocess.Popen[str]"]
WaitUntil = Callable[..., None]
PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with temporary_cluster(prepare=copy_migrated) as cluster:
        yield cluster.url


@contextmanager
def upgrading(url: str) -> Iterator[None]:
    """Let a database lack a migration, which nobody can begin until the end of the block."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DELETE FROM kassa_schema_stamp")
        row = connection.execute(
            "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations) "
            "RETURNING id, app, name, applied"
        ).fetchone()
        connection.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            yield
        finally:
            connection.execute(
                "INSERT INTO django_migrations (id, app, name, applied) VALUES (%s, %s, %s, %s)", row
            )


class Site:
    """What answers at a port."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, path: str, headers: Mapping[str, str] = PAGE, *, sent: bytes | None = None) -> Answer:
        """Get a page, or post what is to be sent."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET" if sent is None else "POST", path, sent, dict(headers))
        response = connection.getresponse()
        answer = Answer(
            response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        )
        connection.close()
        return answer

    def says(self, status: int) -> bool:
        try:
            return self.ask("/healthz").status == status
        except (OSError, HTTPException):
            return False


@pytest.fixture
def site(free_port: int) -> Site:
    return Site(free_port)


def test_visitors_are_told_to_come_back_and_then_served(
    url: str, site: Site, start_kassa: StartKassa, wait_until: WaitUntil
) -> None:
    with upgrading(url):
        kassa = start_kassa("serve", DATABASE_URL=url)
        wait_until(lambda: site.says(503))

        english, french = site.ask("/"), site.ask("/hall/events", {**PAGE, "Accept-Language": "fr"})
        assert (english.status, french.status) == (503, 503)
        assert "We’ll be back in a moment" in english.body.decode()
        assert "De retour dans un instant" in french.body.decode()
        assert english.headers["retry-after"] == "15"
        assert english.headers["cache-control"] == "private, no-store"
        assert english.headers["x-content-type-options"] == "nosniff"
        style = re.search(r'href="(/static/[^"]+/shop\.css)"', english.body.decode())
        assert style is not None
        assert site.ask(style[1]).status == 200
        assert site.ask("/static/nothing.css").status == 404

        sent = site.ask("/api/v1/orders", sent=b"{}" * 50_000)
        assert (sent.status, sent.headers["content-type"]) == (503, "application/problem+json")
        assert (sent.headers["retry-after"], sent.code) == ("15", "upgrade_under_way")
        assert not is_serving("127.0.0.1", site.port)
        assert not is_current(url)

    wait_until(lambda: site.says(200))
    wait_until(lambda: "maintenance" not in [command_of(pid)[-1] for pid in children_of(kassa.pid)])
    assert {site.ask("/").status for _ in range(40)} == {200}
    assert is_current(url)


def test_start_that_is_stopped_meanwhile_leaves_the_port(
    url: str, site: Site, start_kassa: StartKassa, wait_until: WaitUntil
) -> None:
    with upgrading(url):
        kassa = start_kassa("serve", DATABASE_URL=url)
        wait_until(lambda: site.says(503))
        assert answers("127.0.0.1", site.port)

        kassa.send_signal(signal.SIGTERM)

        kassa.communicate(timeout=120)
        assert kassa.returncode == 0
        wait_until(lambda: is_free("127.0.0.1", site.port))


def test_database_without_tables_is_no_upgrade(url: str) -> None:
    assert has_tables(url)
    assert not has_tables(f"{url.rpartition('/')[0]}/postgres")


def test_only_a_web_that_is_well_is_serving() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        assert not is_serving("127.0.0.1", probe.getsockname()[1])
