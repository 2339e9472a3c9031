"""Results as files: everything as JSON, the figures as a table, the shape as a picture."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.earlier import with_earlier
from benchmarks.goals import Goal, judge, show
from benchmarks.plot import plot_results
from benchmarks.pressure_report import attack_text, overload_text
from benchmarks.shop_report import on_sale_text, pages_text, weights_text
from benchmarks.tables import RATE
from benchmarks.tables import rate_row as _rate_row
from benchmarks.tables import section as _section


def write_report(results: dict[str, Any], folder: Path) -> list[Goal]:
    """Write ``results.json``, ``results.md`` and ``plot.png``; return the goals of what was measured now.

    What was not measured this time keeps the figures that are there.
    """
    of_now = judge(results)
    results = with_earlier(results, folder)
    goals = judge(results)
    folder.mkdir(parents=True, exist_ok=True)
    judged = [
        {"name": goal.name, "value": goal.value, "goal": goal.bound_text, "met": goal.is_met}
        for goal in goals
    ]
    document = {"goals": judged, **results}
    (folder / "results.json").write_text(json.dumps(document, indent=2) + "\n")
    (folder / "results.md").write_text("\n".join(_text(results, goals)) + "\n")
    plot_results(results, folder / "plot.png")
    return of_now


def _text(results: dict[str, Any], goals: Sequence[Goal]) -> Iterable[str]:
    machine, postgresql = results["machine"], results["postgresql"]
    yield "# Results"
    yield ""
    yield (
        f"{machine['processors']} processors ({machine['processor']}), {machine['memory']} of memory, "
        f"{machine['file_system']}, {machine['system']}; Python {machine['python']}, "
        f"PostgreSQL {postgresql['server_version']} (fsync {postgresql['fsync']}, "
        f"synchronous_commit {postgresql['synchronous_commit']}). "
        "Server, web processes and load generator share the processors. Medians of the rounds. "
        f"The machine's load average before the last run was {machine['load_at_start']:.1f}."
    )
    for name, reason in results["failed"].items():
        yield from ("", f"**{name} failed**, so it has no figures. {reason}")
    yield from _section("Goals", ("what", "measured", "goal", "met"), (_goal_row(goal) for goal in goals))
    if hot := results.get("hot"):
        yield from _section("Hot: one ticket type, orders of two", RATE, map(_rate_row, hot["kassa"]))
        for name, rounds in hot["pgbench"].items():
            yield from _section(f"Hot: pgbench, {name}", RATE, map(_rate_row, rounds))
    if spread := results.get("spread"):
        title = f"Spread: {spread['ticket_types']:,} ticket types of {spread['organizations']} organisations"
        yield from _section(title, RATE, [_rate_row(spread["kassa"])])
    if seats := results.get("seats"):
        title = f"Seats: a hall of {seats['seats']:,} sold out, best available"
        yield from _section(title, RATE, [_rate_row(seats["kassa"])])
    if growth := results.get("growth"):
        rows = ((f"{size['orders_before']:,}", *_rate_row(size["kassa"])) for size in growth["sizes"])
        yield from _section("Growth: the hot sale with orders there before", ("orders before", *RATE), rows)
    if reads := results.get("reads"):
        rows = ((name.replace("_", " "), *_rate_row(reads[name])) for name in ("whole", "not_modified"))
        yield from _section("Reads: what is left of an event", ("answer", *RATE), rows)
    if webhooks := results.get("webhooks"):
        yield from _webhooks(webhooks)
    if refund := results.get("event_refund"):
        rows = (_work_row(title, refund[name]) for name, title in REFUND.items())
        yield from _section(f"Event refund: {refund['orders']:,} orders of two tickets", WORK, rows)
    yield from _door(results.get("door"))
    yield from _messages(results)
    yield from _tickets(results.get("tickets"))
    yield from _scanner(results.get("scanner"))
    yield from _waiting_room(results.get("waiting_room"))
    yield from pages_text(results.get("pages"))
    yield from on_sale_text(results.get("on_sale"))
    yield from overload_text(results.get("overload"))
    yield from attack_text(results.get("attack"))
    yield from weights_text(results.get("shop_weights"))
    yield from _section("Measured", ("benchmark", "when"), results["measured"].items())
    yield from _section("Books: what was sold is what is written", BOOKS, _books_rows(results))


WORK = ("what", "number", "seconds", "per second", "CPU Kassa ms", "CPU PostgreSQL ms")
REFUND = {
    "promised": "orders refunded, the money promised",
    "sent": "money sent back and booked",
    "whole": "both",
    "bank_alone": "the demo bank alone, giving money back",
}

MESSAGES = {
    "read": "events read and messages written",
    "worded": "messages given their words, and kept",
    "attached": "PDF files of two tickets",
    "announced": "guests of a cancelled event written to",
}


def _messages(results: dict[str, Any]) -> Iterable[str]:
    if messages := results.get("messages"):
        rows = (_work_row(title, messages[name]) for name, title in MESSAGES.items())
        title = f"Messages: {messages['orders']:,} orders, {messages['outbox_events']:,} events in the outbox"
        yield from _section(title, WORK, rows)


TICKETS = {
    "one_page": "tickets set as PDF, a file each",
    "ten_pages": "tickets set as PDF, ten in a file",
    "printed_from_database": "tickets read and set as PDF, a file for each order",
    "drawn": "QR codes drawn",
    "signed": "QR codes signed",
    "checked": "signatures checked",
    "codes": "codes made, two at a time",
}


def _tickets(tickets: dict[str, Any] | None) -> Iterable[str]:
    if tickets is None:
        return
    rows = (
        (title, f"{done['times']:,}", f"{done['per_second']:,.0f}", f"{done['cpu_ms']:.3f}")
        for title, done in ((title, tickets[name]) for name, title in TICKETS.items())
    )
    yield from _section("Tickets, in one process", ("what", "number", "per second", "CPU ms each"), rows)


def _waiting_room(found: dict[str, Any] | None) -> Iterable[str]:
    if found is None:
        return
    rows = ((name.replace("_", " "), *_rate_row(found[name])) for name in WAITING)
    yield from _section(f"Waiting room: {found['crowd']:,} in line, without a cache", ("what", *RATE), rows)
    yield ""
    yield (
        f"A place among {found['crowd']:,} is drawn in {found['draw_cpu_ms']:.2f} ms of CPU. Joining costs "
        f"{found['joining_against_asking']:.1f} times what asking does. 50,000 browsers that ask every "
        f"{found['asks_every_seconds']:.0f} seconds take {found['cores_for_the_crowd']:.1f} processors."
    )


WAITING = ("joining", "asking", "not_modified", "entering")


def _webhooks(webhooks: dict[str, Any]) -> Iterable[str]:
    yield from _section("Webhooks: received over HTTP, stored", RATE, [_rate_row(webhooks["received"])])
    plain, whole = webhooks["plain_sql"], webhooks["end_to_end"]
    rows = [
        _work_row("settled, as Kassa does", webhooks["settled"]),
        _work_row("settled one by one, by Kassa", webhooks["one_by_one"]),
        (
            "settled one by one, in plain SQL by pgbench",
            *("", "", f"{plain['per_second']:,.0f}", "", f"{plain['postgres_cpu_ms']:.2f}"),
        ),
        _work_row("received and settled by a worker", whole),
    ]
    yield from _section("Webhooks: settled", WORK, rows)


def _scanner(scanner: dict[str, Any] | None) -> Iterable[str]:
    if scanner is None:
        return
    search, signatures = scanner["search_ms"], scanner["signatures_per_second"]
    rows = [
        ("list fetched over HTTP and kept", f"{scanner['seconds']:.1f} s"),
        ("CPU of Kassa for that", f"{scanner['web_cpu_seconds']:.2f} s"),
        ("CPU of PostgreSQL for that", f"{scanner['postgres_cpu_seconds']:.2f} s"),
        ("kept list read again, as at a start", f"{scanner['reopened_seconds']:.1f} s"),
        ("one search, in the middle", f"{search['median']:.1f} ms"),
        ("one search, at worst", f"{search['longest']:.1f} ms"),
        ("signatures checked by the browser", f"{signatures['native']:,.0f}/s"),
        ("signatures checked by the library", f"{signatures['library']:,.0f}/s"),
    ]
    title = f"Scanner: {scanner['tickets']:,} tickets in a headless browser"
    yield from _section(title, ("what", "figure"), rows)


def _door(door: dict[str, Any] | None) -> Iterable[str]:
    if door is None:
        return
    yield from _section("Door: tickets scanned over HTTP", RATE, [_rate_row(door["scanned"])])
    yield from _section("Door: the least of it in plain SQL by pgbench", RATE, [_rate_row(door["plain_sql"])])
    rows = [_work_row("scans of phones that had no network, in batches of 500", door["merged"])]
    yield from _section("Door: merged", WORK, rows)
    download = door["download"]
    head = ("tickets", "pages", "MB, compressed", "s", "ms of CPU in Kassa", "in PostgreSQL")
    row = (
        f"{download['rows']:,}",
        f"{download['pages']}",
        f"{download['bytes'] / 1e6:.1f}",
        f"{download['seconds']:.2f}",
        *(f"{1000 * download['cpu'][name]:,.0f}" for name in ("web", "postgres")),
    )
    yield from _section("Door: the whole list downloaded", head, [row])


def _work_row(title: str, figures: dict[str, Any]) -> tuple[str, ...]:
    names = ("kassa_cpu_ms", "postgres_cpu_ms")
    return (
        title,
        f"{figures['items']:,.0f}",
        f"{figures['seconds']:.1f}",
        f"{figures['per_second']:,.0f}",
        *(f"{figures[name]:.2f}" for name in names),
    )


BOOKS = ("benchmark", "answered 201", "orders", "live tickets", "missing", "wrong quotas", "seats twice")


def _books_rows(results: dict[str, Any]) -> Iterable[tuple[str, ...]]:
    names = ("answered", "orders", "live_tickets", "answered_but_missing", "quotas_that_count_wrongly")
    for benchmark in ("hot", "spread", "seats", "growth"):
        if benchmark in results:
            books = results[benchmark]["books"]
            yield benchmark, *(f"{books[name]:,}" for name in (*names, "seats_sold_twice"))


def _goal_row(goal: Goal) -> tuple[str, ...]:
    return goal.name, f"{show(goal.value)}{goal.unit}", goal.bound_text, "yes" if goal.is_met else "**no**"
