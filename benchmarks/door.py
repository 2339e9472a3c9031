"""The door: a full house scans its tickets over HTTP, a phone takes the list along, batches come late."""

from __future__ import annotations

import gzip
import http.client
import itertools
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from benchmarks.books import BooksDoNotBalance
from benchmarks.load import run_load
from benchmarks.orders import Round, figures, median_round
from benchmarks.pgbench import Script, run_pgbench
from benchmarks.plan import Plan
from benchmarks.seed import Shop, found_shop
from benchmarks.server import Stage
from benchmarks.working import audit, measure_work, median_work
from kassa.admission.domain.lists import create_list
from kassa.admission.domain.scan import MAX_BATCH, WantedScan, record_batch
from kassa.admission.enums import ScanKind
from kassa.admission.models import Scan
from kassa.catalog.models import TicketType
from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.languages import Language
from kassa.identity.domain.api_keys import authenticate_api_key
from kassa.orders.models import Ticket
from kassa.sales.domain.place import place_orders
from kassa.sales.domain.request import Customer, OrderRequest, RequestedLine
from kassa.tickets.domain.keys import signing_key
from kassa.tickets.domain.qr import qr_text

CLIENTS = 16
BREAK_IN_SECONDS = 2.0
PER_ORDER, PER_BATCH = 50, 20

NUMBERED = """
CREATE TABLE bench_door AS
SELECT row_number() OVER (ORDER BY id) AS n, code FROM orders_ticket WHERE organization_id = %s
"""
PLAIN = """
SELECT (turn - 1) % :tickets + 1 AS n, (turn - 1) / :tickets + 1 AS turn
FROM nextval('bench_door_turn') AS turn \\gset
BEGIN;
SELECT t.id AS ticket, t.event_id AS event FROM bench_door b
JOIN orders_ticket t ON t.organization_id = :organization::uuid AND t.code = b.code
WHERE b.n = :n FOR NO KEY UPDATE OF t \\gset
INSERT INTO admission_scan (id, organization_id, client_id, fingerprint, checkin_list_id, event_id, area,
    ticket_id, code, kind, result, turn, gate, scanned_by_kind, scanned_at, reason)
VALUES (:scan::uuid, :organization::uuid, :scan::uuid, '', :list::uuid, :event::uuid, 'entrance',
    :ticket::uuid, '', 'entry', 'valid', :turn, '', 'system', now(), '');
COMMIT;
"""


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Scan over HTTP, the same in plain SQL, merge batches, and download the whole list."""
    shop, list_id = _house(stage, "door", plan.tickets_at_door)
    plan.say(f"door: {plan.tickets_at_door:,} tickets are sold")
    scanned, plain = [], []
    requests = _scans(shop, list_id, _texts(shop))
    _scan(stage, requests, seconds=BREAK_IN_SECONDS)
    stage.connection.execute("ANALYZE")
    stage.checkpoint()
    other, other_list = _house(stage, "door-plain", plan.tickets_at_door)
    script = _script(stage, other, other_list)
    for number in range(plan.rounds):
        scanned.append(_scan(stage, requests, seconds=plan.seconds))
        plain.append(run_pgbench(stage, script, clients=CLIENTS, seconds=plan.pgbench_seconds))
        plan.say(
            f"door, round {number + 1}: {scanned[-1].per_second:,.0f} scans/s, "
            f"{plain[-1].per_second:,.0f}/s in plain SQL"
        )
    stage.connection.execute("TRUNCATE admission_scan, admission_conflict, admission_presence")
    stage.connection.execute("UPDATE orders_ticket SET status = 'valid', checked_in_at = NULL")
    batches = [measure_work(stage, lambda: _merge(shop, list_id)) for _ in range(1)]
    plan.say(f"door: merged {batches[0].per_second:,.0f} scans/s")
    return {
        "scanned": median_round(scanned),
        "plain_sql": median_round(plain),
        "merged": median_work(batches),
        "download": _download(stage, shop, list_id),
        "books": audit(),
    }


def _house(stage: Stage, slug: str, count: int) -> tuple[Shop, UUID]:
    """Sell so many free tickets of one event, and open a door to it."""
    shop = found_shop(slug)
    [ticket_type_id] = shop.ticket_type_ids
    TicketType.objects.of(shop.organization_id).update(price=0, is_free=True)
    line = RequestedLine(item_id=ticket_type_id, is_product=False, quantity=PER_ORDER)
    actor = Actor.system(shop.organization_id)
    for _ in range(count // PER_ORDER // PER_BATCH):
        requests = [
            OrderRequest(
                actor=actor,
                lines=(line,),
                customer=Customer(email="ada@example.com", first_name="Ada", last_name="Lovelace"),
                idempotency_key=uuid4().hex,
                fingerprint=b"f" * 32,
            )
            for _ in range(PER_BATCH)
        ]
        place_orders(shop.organization_id, requests, now=_now())
    made = create_list(
        CommandContext.system(shop.organization_id, now=_now()), shop.event_id, fields={"name": "Entrance"}
    )
    stage.connection.execute("ANALYZE")
    return shop, made.id


def _texts(shop: Shop) -> Sequence[str]:
    """Return the QR codes of all tickets."""
    key = signing_key(shop.organization_id, _now())
    return [qr_text(ticket, key) for ticket in Ticket.objects.of(shop.organization_id).order_by("id")]


def _scans(shop: Shop, list_id: UUID, texts: Sequence[str]) -> Iterator[tuple[bytes, bytes]]:
    """Scan one ticket after the other, each once; then again from the first."""
    for text in itertools.cycle(texts):
        body = json.dumps({"id": str(uuid4()), "list": str(list_id), "ticket": text}).encode()
        head = (
            "POST /api/v1/checkins HTTP/1.1\r\n"
            "Host: 127.0.0.1\r\n"
            f"Authorization: Bearer {shop.key}\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        yield b"", head.encode() + body


def _scan(stage: Stage, requests: Iterator[tuple[bytes, bytes]], *, seconds: float) -> Round:
    result = run_load(stage.port, requests, clients=CLIENTS, read_cpu=stage.clock.read, seconds=seconds)
    return figures(result, clients=CLIENTS, status=200)


def _script(stage: Stage, shop: Shop, list_id: UUID) -> Script:
    """Return the least that a scan writes: the ticket is locked, and the scan kept under its turn."""
    stage.connection.execute(NUMBERED, (shop.organization_id,))
    stage.connection.execute("ALTER TABLE bench_door ADD PRIMARY KEY (n)")
    stage.connection.execute("CREATE SEQUENCE bench_door_turn")
    text = "SELECT gen_random_uuid() AS scan \\gset\n" + PLAIN
    tickets = Ticket.objects.of(shop.organization_id).count()  # a fast machine begins again from the first
    variables = {"organization": str(shop.organization_id), "list": str(list_id), "tickets": str(tickets)}
    return Script(text, variables)


def _merge(shop: Shop, list_id: UUID) -> int:
    """Send every ticket once more, in batches as large as they may be; return how many were accepted."""
    actor = authenticate_api_key(shop.key, now=_now())
    codes = list(Ticket.objects.of(shop.organization_id).order_by("id").values_list("code", flat=True))
    for start in range(0, len(codes), MAX_BATCH):
        batch = [
            WantedScan(uuid4(), list_id, code, ScanKind.ENTRY, scanned_at=_now(), let_in=True)
            for code in codes[start : start + MAX_BATCH]
        ]
        record_batch(CommandContext(actor, _now()), batch, language=Language.ENGLISH)
    accepted = Scan.objects.of(shop.organization_id).filter(turn__isnull=False).count()
    if accepted != len(codes):
        raise BooksDoNotBalance(f"{accepted} of {len(codes)} scans were accepted.")
    return accepted


def _download(stage: Stage, shop: Shop, list_id: UUID) -> dict[str, Any]:
    """Download the whole list as a phone does, compressed; return how long it took, and how much came."""
    connection = http.client.HTTPConnection("127.0.0.1", stage.port, timeout=60)
    headers = {"Authorization": f"Bearer {shop.key}", "Accept-Encoding": "gzip"}
    started, before = time.perf_counter(), stage.clock.read()
    rows = size = 0
    pages, after = 0, ""
    while True:
        connection.request("GET", f"/api/v1/checkin-lists/{list_id}/tickets{after}", headers=headers)
        body = connection.getresponse().read()
        page = json.loads(gzip.decompress(body))
        pages, size, rows = pages + 1, size + len(body), rows + len(page["rows"])
        if page["next"] is None:
            break
        after = f"?after={page['next']}"
    connection.close()
    used = stage.clock.read() - before
    return {
        "rows": rows,
        "pages": pages,
        "bytes": size,
        "seconds": time.perf_counter() - started,
        "cpu": {name: value for name, value in asdict(used).items() if name in ("web", "postgres")},
    }


def _now() -> datetime:
    return datetime.now(UTC)
