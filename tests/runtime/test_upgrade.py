"""A database of an earlier state is upgraded: keys keep their rights, and gain what their role gains."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest

from kassa.core.ids import new_id
from kassa.identity.enums import Role
from kassa.identity.permissions import ROLE_PERMISSIONS
from kassa.runtime.cluster import temporary_cluster

pytestmark = pytest.mark.slow
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BROWSER = "B" * 22
EXPLICIT = ["offer:read", "order:place"]

SOLD = "coupon:read coupon:write offer:read offer:write order:cancel order:manage order:place order:read"
GROUND = f"{SOLD} organization:read"
OWNER_1 = f"{GROUND} api_key:read api_key:write member:read member:write organization:write"
MONEY = "payment:manage payment:open payment:read refund:write"
OWNER_2 = f"{OWNER_1} {MONEY} payout:write provider:write"
DOOR = "checkin:read checkin:scan checkin:write message:read message:write ticket:read ticket:write"
OWNER_3 = f"{OWNER_2} {DOOR}"
OWNER_4 = f"{OWNER_3} invoice:read"


@dataclass(frozen=True)
class State:
    """Where the migrations stood, and what a key for everything and one for a role held then."""

    leaves: Mapping[str, str]
    owner: str
    analyst: str

    @property
    def targets(self) -> list[list[str]]:
        return [[app, leaf] for app, leaf in self.leaves.items()]

    @property
    def keys(self) -> dict[str, list[str]]:
        """The scopes of the keys that are made in this state."""
        everything = self.owner.split()
        return {
            "everything": everything,
            "analyst": self.analyst.split(),
            "website": EXPLICIT,
            "almost everything": sorted({*everything} - {"order:cancel"}),
        }


STATES = {
    "0.1.0": State(
        {
            "catalog": "0001_initial",
            "core": "0002_outbox_rows",
            "coupons": "0001_initial",
            "identity": "0001_initial",
            "inventory": "0002_hot_rows",
            "orders": "0003_legal_moves",
            "organizations": "0001_initial",
            "sales": "0001_initial",
            "seating": "0001_initial",
        },
        owner=OWNER_1,
        analyst="coupon:read offer:read order:read organization:read",
    ),
    "with money": State(
        {
            "core": "0002_outbox_rows",
            "demo_bank": "0001_initial",
            "identity": "0001_initial",
            "orders": "0007_moves_of_returned_refunds",
            "organizations": "0002_money",
            "payments": "0006_one_payment_per_attempt",
            "sales": "0001_initial",
        },
        owner=OWNER_2,
        analyst="coupon:read offer:read order:read organization:read payment:read",
    ),
    "with the door": State(
        {
            "admission": "0003_buyers_as_actors",
            "catalog": "0002_questions",
            "core": "0003_outbox_order",
            "identity": "0001_initial",
            "notifications": "0002_first_event",
            "orders": "0011_buyers_as_actors",
            "organizations": "0005_embed_sites",
            "payments": "0007_buyers_as_actors",
            "sales": "0001_initial",
            "tickets": "0002_buyers_as_actors",
            "waiting": "0001_initial",
        },
        owner=OWNER_3,
        analyst="checkin:read coupon:read offer:read order:read organization:read payment:read",
    ),
    "with accounts": State(
        {
            "admission": "0003_buyers_as_actors",
            "catalog": "0003_find_events_by_words",
            "core": "0003_outbox_order",
            "demo_bank": "0001_initial",
            "identity": "0003_linked_identities",
            "invoices": "0002_written_once",
            "notifications": "0002_first_event",
            "orders": "0012_whose",
            "organizations": "0005_embed_sites",
            "payments": "0007_buyers_as_actors",
            "pictures": "0001_pictures",
            "sales": "0001_initial",
            "tickets": "0002_buyers_as_actors",
            "waiting": "0001_initial",
        },
        owner=OWNER_4,
        analyst="checkin:read coupon:read invoice:read offer:read order:read organization:read payment:read",
    ),
}
"""Every state that was given out: version 0.1.0, and each that followed it on the main branch."""

MIGRATE_TO = """
import json, sys, django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
for line in sys.stdin:
    MigrationExecutor(connection).migrate([tuple(target) for target in json.loads(line)])
    print("there", flush=True)
"""
RIGHTS = """
import json, sys, django
django.setup()
from kassa.core.clock import utc_now
from kassa.identity.domain.api_keys import authenticate_api_key
rights = [sorted(authenticate_api_key(secret, now=utc_now()).permissions) for secret in sys.argv[1:]]
print(json.dumps(rights))
"""


def start(url: str, *command: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KASSA_")}
    return subprocess.Popen(
        [sys.executable, *command],
        env={
            **environment,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "kassa.settings",
            "KASSA_SECRET_KEY": "of these tests, and nobody else's",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(url: str, *command: str) -> str:
    process = start(url, *command)
    written, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    return written


@pytest.fixture(scope="module")
def empty_database() -> Iterator[str]:
    """Start a cluster without any table; that of the other tests has them all, and takes longer to make."""
    with temporary_cluster() as cluster:
        yield cluster.url


def go_through_states(url: str) -> Iterator[str]:
    """Take a database from one state to the next, and stop at each; in one process, which starts once."""
    with start(url, "-c", MIGRATE_TO) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for name, state in STATES.items():
            process.stdin.write(json.dumps(state.targets) + "\n")
            process.stdin.flush()
            said = process.stdout.readline()
            assert said == "there\n", process.communicate(timeout=240)
            yield name


def make_organization(connection: psycopg.Connection, *, domain: str) -> UUID:
    organization_id = new_id()
    connection.execute(
        "INSERT INTO organizations_organization (id, name, slug, email, custom_domain) "
        "VALUES (%s, 'Hall', %s, 'a@b.c', %s)",
        [organization_id, f"hall-{organization_id}", domain],
    )
    return organization_id


def domain_in(name: str) -> str:
    """Return the domain of its own that the organisation of a state has."""
    return f"{name.replace(' ', '-')}.example"


def make_key(connection: psycopg.Connection, organization_id: UUID, name: str, scopes: list[str]) -> str:
    """Make a key as that state did: with a copy of its rights."""
    prefix = f"kassa_{uuid4().hex[:10]}"
    secret = f"{prefix}_{uuid4().hex}"
    connection.execute(
        "INSERT INTO identity_apikey (id, organization_id, name, prefix, secret_hash, scopes, created_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [
            new_id(),
            organization_id,
            name,
            prefix,
            hashlib.sha256(secret.encode()).digest(),
            sorted(scopes),
            NOW,
        ],
    )
    return secret


def make_carts(connection: psycopg.Connection, organization_id: UUID) -> UUID:
    """Make a cart of a browser and one that repeats it, as that state did; return the first."""
    cart_id = new_id()
    for each, session in ((cart_id, f"shop:{BROWSER}"), (new_id(), f"again:{cart_id}:{BROWSER}")):
        connection.execute(
            "INSERT INTO sales_cart (id, organization_id, session_id, status, expires_at) "
            "VALUES (%s, %s, %s, 'expired', %s)",
            [each, organization_id, session, NOW],
        )
    return cart_id


def make_events(connection: psycopg.Connection, organization_id: UUID) -> UUID:
    """Write events as that state did, two readers that have read some of them; return the order of one."""
    order_id, ticket_id = new_id(), new_id()
    about: dict[str, tuple[str, dict[str, object]]] = {
        "100": (f"orders/{order_id}", {"id": str(order_id)}),
        "101": (f"tickets/{ticket_id}", {"order": str(order_id)}),
        "102": (f"events/{new_id()}", {"event": {}}),
        "103": (f"refunds/{new_id()}", {"order": str(order_id), "lines": []}),
    }
    for transaction_id, position in EVENTS:
        subject, data = about[position]
        kind = f"{subject.split('s/')[0]}.changed"
        event_id = new_id()
        envelope = {
            "specversion": "1.0",
            "id": str(event_id),
            "source": f"/organizations/{organization_id}",
            "type": kind,
            "subject": subject,
            "time": "2026-11-21T10:35:02.361498Z",
            "datacontenttype": "application/json",
            "data": {**data, "position": position, "note": '"source":"/organizations/'},
        }
        text = json.dumps(envelope, separators=(",", ":"))
        connection.execute(
            "INSERT INTO core_outboxevent "
            "(id, organization_id, type, subject, envelope, transaction_id, position) "
            "VALUES (%s, %s, %s, %s, %s, %s::text::xid8, %s)",
            [event_id, organization_id, kind, subject, text, transaction_id, position],
        )
    for name, (transaction_id, position) in READERS.items():
        connection.execute(
            "INSERT INTO core_outboxreader (name, transaction_id, position, updated_at) "
            "VALUES (%s, %s, %s, now())",
            [name, transaction_id, position],
        )
    return order_id


EVENTS = (("900001", "102"), ("900002", "100"), ("900003", "101"), ("900004", "103"))
"""Transaction and position, in the order in which they were read."""
READERS = {"slow": ("900001", "102"), "quick": ("900002", "100"), "new": ("900000", str(2**62))}
"""Up to where each has read."""


@dataclass(frozen=True)
class Upgrade:
    """What an upgrade from all states at once has written, and what keys may do after it."""

    before_the_first: list[str]
    """What was on stderr before the first migration had ended."""
    afterwards: list[str]
    written: str
    rights: dict[str, list[list[str]]]
    order_id: UUID
    """What the events are about that were written in the last state."""
    carts: dict[str, UUID]
    """By state the cart that another one of it repeats."""


@pytest.fixture(scope="module")
def upgrade(empty_database: str) -> Upgrade:
    """Go through all states, leave a domain and four keys in each, and bring the database up to date.

    In one database, because laying all tables takes a quarter of a minute.
    """
    secrets: dict[str, list[str]] = {}
    carts: dict[str, UUID] = {}
    for name in go_through_states(empty_database):
        with psycopg.connect(empty_database) as connection:
            hall = make_organization(connection, domain=domain_in(name))
            keys = STATES[name].keys
            secrets[name] = [make_key(connection, hall, kind, scopes) for kind, scopes in keys.items()]
            carts[name] = make_carts(connection, hall)
    with psycopg.connect(empty_database) as connection:
        order_id = make_events(connection, hall)
    with psycopg.connect(empty_database) as connection:
        connection.execute("LOCK TABLE django_migrations IN SHARE MODE")  # no migration can end
        process = start(empty_database, "-m", "kassa", "migrate")
        assert process.stderr is not None
        before = [process.stderr.readline().rstrip() for _ in range(2)]
    written, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    rights = json.loads(
        run(empty_database, "-c", RIGHTS, *[one for four in secrets.values() for one in four])
    )
    return Upgrade(
        before_the_first=before,
        afterwards=errors.splitlines(),
        written=written,
        rights={name: rights[4 * number : 4 * number + 4] for number, name in enumerate(secrets)},
        order_id=order_id,
        carts=carts,
    )


def test_an_upgrade_says_at_once_how_far_it_is(upgrade: Upgrade, empty_database: str) -> None:
    first, second = upgrade.before_the_first
    found = re.fullmatch(r"Bringing the database up to date: (\d+) migrations\. Nothing is served .*", first)
    assert found is not None
    count = int(found[1])
    *steps, last = [second, *upgrade.afterwards]
    assert [step.split("  ")[1] for step in steps] == [
        f"{number} of {count}" for number in range(1, count + 1)
    ]
    assert len({step.split("  ")[2] for step in steps}) == count > 10
    assert last == "The database is up to date."
    assert upgrade.written == f"Applied {count} migrations.\n"

    again = start(empty_database, "-m", "kassa", "migrate")  # the control
    assert again.communicate(timeout=240) == ("The database is up to date.\n", "")


@pytest.mark.parametrize("name", STATES)
def test_keys_of_an_earlier_state_are_not_left_behind(name: str, upgrade: Upgrade) -> None:
    everything, analyst, website, most = upgrade.rights[name]

    assert everything == sorted(ROLE_PERMISSIONS[Role.OWNER])
    assert analyst == sorted(ROLE_PERMISSIONS[Role.ANALYST])
    assert website == EXPLICIT
    assert most == STATES[name].keys["almost everything"]


def test_domains_in_use_are_served_on_and_marked(upgrade: Upgrade, empty_database: str) -> None:
    with psycopg.connect(empty_database) as connection:
        rows = connection.execute(
            "SELECT name, proof, verified_at IS NOT NULL, length(token) FROM organizations_organizationdomain"
        ).fetchall()

    assert sorted(rows) == sorted((domain_in(name), "upgrade", True, 64) for name in upgrade.rights)


@pytest.mark.parametrize("name", STATES)
def test_carts_of_an_earlier_state_say_whose_they_are(
    name: str, upgrade: Upgrade, empty_database: str
) -> None:
    repeated = upgrade.carts[name]
    with psycopg.connect(empty_database) as connection:
        rows = connection.execute(
            "SELECT id = %s, session_id, browser, repeats_cart_id, repeats_order_id FROM sales_cart "
            "WHERE %s IN (id, repeats_cart_id)",
            [repeated, repeated],
        ).fetchall()

    assert sorted(rows) == [(False, "", BROWSER, repeated, None), (True, "", BROWSER, None, None)]


@pytest.mark.parametrize(
    ("reader", "unread"),
    [
        ("slow", ["100", "101", "103"]),
        ("quick", ["101", "103"]),
        ("new", ["102", "100", "101", "103"]),
        ("messages", ["102", "100", "101", "103"]),
    ],
)
def test_readers_of_an_earlier_state_read_on_where_they_were(
    reader: str, unread: list[str], upgrade: Upgrade, empty_database: str
) -> None:
    with psycopg.connect(empty_database) as connection:
        rows = connection.execute(
            "SELECT e.envelope::json #>> '{data,position}' FROM core_outboxevent e "
            "JOIN core_outboxreader r ON r.name = %s AND e.position > r.position "
            "WHERE e.position <= (SELECT position FROM core_outboxhorizon) ORDER BY e.position",
            [reader],
        ).fetchall()
        [given] = connection.execute("SELECT core_outbox_place()").fetchone() or [0]
        [last] = connection.execute("SELECT max(position) FROM core_outboxevent").fetchone() or [0]

    assert [position for (position,) in rows] == unread
    assert given > last


def test_events_of_an_earlier_state_have_a_key_and_a_source(upgrade: Upgrade, empty_database: str) -> None:
    with psycopg.connect(empty_database) as connection:
        rows = connection.execute("SELECT key, subject, envelope FROM core_outboxevent").fetchall()

    assert len(rows) == len(EVENTS)
    for key, subject, text in rows:
        envelope = json.loads(text)
        assert key == (UUID(subject.split("/")[1]) if subject.startswith("events/") else upgrade.order_id)
        assert envelope["partitionkey"] == str(key)
        assert envelope["source"].startswith("http://127.0.0.1:8000/organizations/")
        assert envelope["data"]["note"] == '"source":"/organizations/'
        assert "sequence" not in envelope
