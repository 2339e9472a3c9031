"""PostgreSQL's own load generator, writing the same rows: one order per transaction.

The script is made from an order that Kassa itself has written: the same columns with the same
values, the same envelope in the outbox, the same triggers and constraints. What a plain
application would make afresh for each order (ids, codes, the key, the number) is made afresh
here too. As in an application, every value travels as a parameter of a prepared statement.

The plain script sends its statements one after the other, as most applications do. Two others
show what is to be had beyond that: the same statements in one trip (a pipeline), and all of
them as one statement.
"""

from __future__ import annotations

import itertools
import re
import resource
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from benchmarks.errors import BenchmarkFailed
from benchmarks.orders import Round, percentiles
from benchmarks.seed import Shop
from benchmarks.server import Stage
from kassa.runtime.binaries import find_binaries

PLAIN = "statement by statement"
PIPELINED = "in one trip"
MERGED = "as one statement"
PATIENCE_SECONDS = 60.0
_bases = itertools.count(1)

ID = "(:{0}::text || :random::text)::uuid"
"""Sixteen digits that grow with time, as the head of a UUID version 7 does, and sixteen random ones."""
RESERVE = """\
UPDATE inventory_quota SET reserved = reserved + 2
    WHERE organization_id = :organization AND id = :{0} AND reserved + sold + 2 <= capacity"""
COUNT = """\
UPDATE orders_ordernumberseries SET last = last + 1 WHERE organization_id = :organization AND year = {0}"""
LAST = """\
(SELECT last FROM orders_ordernumberseries WHERE organization_id = :organization AND year = {0})"""


class PgbenchFailed(BenchmarkFailed):
    """pgbench did not do what it was asked; the text is its own."""


@dataclass(frozen=True, slots=True)
class Script:
    """A pgbench script and the values of its variables."""

    text: str
    variables: dict[str, str]


@dataclass(slots=True)
class RowWriter:
    """Collects variables while INSERT statements are written."""

    variables: dict[str, str] = field(default_factory=dict)

    def insert(self, table: str, *rows: tuple[dict[str, Any], dict[str, str]]) -> str:
        """Return an INSERT of copies of rows; in each copy some columns have expressions of their own."""
        columns = list(rows[0][0])
        values = ",\n".join(
            "    ("
            + ", ".join(self._value(f"{table}{nth}", name, row[name], fresh) for name in columns)
            + ")"
            for nth, (row, fresh) in enumerate(rows)
        )
        return f"INSERT INTO {table} ({', '.join(_quoted(columns))}) VALUES\n{values}"

    def variable(self, name: str, value: Any) -> str:
        self.variables[name] = str(value)
        return f":{name}"

    def _value(self, row: str, column: str, value: Any, fresh: dict[str, str]) -> str:
        if column in fresh:
            return fresh[column]
        if value is None or value == "":  # which pgbench refuses as the value of a variable
            return "NULL" if value is None else "''"
        return self.variable(f"{row}_{column}", value)


def scripts_like(connection: psycopg.Connection[Any], shop: Shop) -> dict[str, Script]:
    """Return scripts that write copies of the last order of a shop.

    The rows that everyone wants are touched as late as the rules allow: the number, which the
    order itself needs, just before the order, and the quotas last of all.
    """
    [order] = rows_as_text(connection, "orders_order", shop, order_by="id DESC LIMIT 1")
    [item] = rows_as_text(connection, "orders_orderitem", shop, order_id=order["id"])
    tickets = rows_as_text(connection, "orders_ticket", shop, order_id=order["id"])
    [event] = rows_as_text(connection, "core_outboxevent", shop, subject=f"orders/{order['id']}")
    del event["position"]  # its default counts it
    writer = RowWriter()
    writer.variable("organization", shop.organization_id)
    year = writer.variable("year", order["number"].split("-")[1])
    quotas = [
        writer.variable(f"quota{index}", quota)[1:]
        for index, quota in enumerate(item["quota_ids"].strip("{}").split(","))
    ]
    order_id, item_id = ID.format("order"), ID.format("item")
    key = {"idempotency_key": ":order::text || :random::text || 'pgbench'"}
    parts = {"order_id": order_id, "item_id": item_id}
    number = f"'ORD-' || {year}::text || '-' || {{}}::text"

    def order_numbered(source: str) -> str:
        return writer.insert(
            "orders_order", (order, {"id": order_id, **key, "number": number.format(source)})
        )

    count = COUNT.format(year)
    children = [
        writer.insert("orders_orderitem", (item, {"id": item_id, "order_id": order_id})),
        writer.insert(
            "orders_ticket",
            *(
                (ticket, {"id": ID.format(f"ticket{nth}"), "code": f":code{nth}", **parts})
                for nth, ticket in enumerate(tickets)
            ),
        ),
        writer.insert("core_outboxevent", (event, {"id": ID.format("event"), "key": order_id})),
        *(RESERVE.format(quota) for quota in quotas),
    ]
    plain = [f"{count} RETURNING last AS number \\gset", f"{order_numbered(':number')};"]
    plain += [f"{child};" for child in children]
    trip = [f"{count};", f"{order_numbered(LAST.format(year))};", *plain[2:]]
    merged = [f"WITH counted AS ({count} RETURNING last)"]
    merged += [
        f"step{nth} AS ({step})"
        for nth, step in enumerate([order_numbered("(SELECT last FROM counted)"), *children])
    ]
    bodies = {
        PLAIN: ["BEGIN;", *plain, "COMMIT;"],
        PIPELINED: [r"\startpipeline", "BEGIN;", *trip, "COMMIT;", r"\endpipeline"],
        MERGED: [",\n".join(merged), "SELECT 1;"],
    }
    head = _fresh_values(len(tickets))
    return {
        name: Script(text="\n".join([*head, *body, ""]), variables=writer.variables)
        for name, body in bodies.items()
    }


def run_pgbench(
    stage: Stage, script: Script, *, clients: int, seconds: float, transactions: int | None = None
) -> Round:
    """Run a script and return its figures; the server's CPU includes that of connecting.

    It runs for so many seconds, or (given ``transactions``) until each client has done so many.

    Raises:
        PgbenchFailed: it could not connect, a transaction failed, or it took far too long.
    """
    with tempfile.TemporaryDirectory(prefix="kassa-pgbench-") as name:
        folder = Path(name)
        (folder / "order.sql").write_text(script.text)
        command = _command(stage, script, clients=clients, seconds=seconds, transactions=transactions)
        cpu_before, own_before = stage.clock.read(), _children_seconds()
        try:
            run = subprocess.run(
                command,
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
                timeout=seconds + PATIENCE_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise PgbenchFailed(f"pgbench did not end in time: {error}") from error
        cpu, own = stage.clock.read() - cpu_before, _children_seconds() - own_before
        latencies = list(_latencies(folder))
    rate = re.search(r"tps = ([0-9.]+)", run.stdout)
    if run.returncode != 0 or rate is None or not latencies:
        raise PgbenchFailed(f"{run.stdout}\n{run.stderr}")
    p50, p95, p99 = percentiles(latencies)
    return Round(
        clients=clients,
        per_second=float(rate[1]),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        web_cpu_ms=0.0,
        postgres_cpu_ms=1000 * cpu.postgres / len(latencies),
        load_cpu_ms=1000 * own / len(latencies),
        refusals={},
    )


def _command(
    stage: Stage, script: Script, *, clients: int, seconds: float, transactions: int | None
) -> list[str]:
    base = 10**15 + next(_bases) * 10**13  # no run repeats an id of another
    options = [
        *("--no-vacuum", "--protocol=prepared", "--file=order.sql", "--log"),
        *(f"--client={clients}", f"--jobs={min(clients, 2)}"),
        f"--time={max(1, round(seconds))}" if transactions is None else f"--transactions={transactions}",
        *(f"--define={name}={value}" for name, value in script.variables.items()),
        *(f"--define=base={base}", "--define=turn=0"),
    ]
    return [str(find_binaries().program("pgbench")), *options, stage.url]


def _fresh_values(tickets: int) -> list[str]:
    """Return the lines that make new ids, codes and a key; each client counts its own turns."""
    names = ["order", "item", "event", *(f"ticket{nth}" for nth in range(tickets))]
    return [
        r"\set turn :turn + 1",
        r"\set random random(1000000000000000, 9999999999999999)",
        *(rf"\set {name} :base + (:turn * 1000 + :client_id) * 10 + {nth}" for nth, name in enumerate(names)),
        *(rf"\set code{nth} random(1000000000000000, 9999999999999999)" for nth in range(tickets)),
    ]


def rows_as_text(
    connection: psycopg.Connection[Any], table: str, shop: Shop, *, order_by: str = "id", **conditions: Any
) -> list[dict[str, Any]]:
    """Return rows with every value as the text that PostgreSQL reads back."""
    names = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
        (table,),
    ).fetchall()
    wanted = ", ".join(f"{name}::text AS {name}" for name in _quoted(name for (name,) in names))
    where = " AND ".join(f"t.{name} = %({name})s" for name in ("organization_id", *conditions))
    sql = f"SELECT {wanted} FROM {table} t WHERE {where} ORDER BY t.{order_by}"
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql, {"organization_id": shop.organization_id, **conditions}).fetchall()


def _quoted(columns: Iterable[str]) -> list[str]:
    return [f'"{column}"' for column in columns]


def _latencies(folder: Path) -> Iterable[float]:
    """Yield the latency of every transaction, in seconds, from pgbench's own logs."""
    for path in folder.glob("pgbench_log.*"):
        with path.open() as log:
            for line in log:
                yield int(line.split(" ", 3)[2]) / 1_000_000


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
