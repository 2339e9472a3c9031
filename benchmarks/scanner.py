"""The scanner: a large list fetched, kept and searched in a browser, and signatures checked there."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.templatetags.static import static
from playwright.sync_api import Page, sync_playwright

from benchmarks.fill import fill_orders
from benchmarks.plan import Plan
from benchmarks.seed import Shop, found_shop
from benchmarks.server import NotMeasurable, Stage
from kassa.admission.domain.devices import create_device
from kassa.admission.domain.lists import create_list
from kassa.core.command_context import CommandContext
from kassa.orders.models import Ticket
from kassa.tickets.domain.keys import public_keys, signing_key
from kassa.tickets.domain.qr import qr_text

TICKETS_PER_ORDER = 2
SIGNATURES = 400
QUERIES = ("lovelace", "a l", "ord-2000-1234", "lace ada", "nobody")
"""What fits everybody, by one word and by two, what fits few, and what fits nobody."""

FETCH = """
async (id) => {
  const m = await import('{address}list.js');
  const begun = performance.now();
  let shown = 0;
  const meta = await m.downloadList(id, () => { shown += 1; });
  return { seconds: (performance.now() - begun) / 1000, tickets: m.ticketCount(), pages: meta.pages };
}
"""
REOPEN = """
async () => {
  const m = await import('{address}list.js');
  m.closeList();
  const begun = performance.now();
  await m.openList();
  return (performance.now() - begun) / 1000;
}
"""
SEARCH = """
async (queries) => {
  const m = await import('{address}list.js');
  const times = [];
  for (let round = 0; round < 20; round += 1) {
    for (const query of queries) {
      const begun = performance.now();
      m.search(query);
      times.push(performance.now() - begun);
    }
  }
  times.sort((one, other) => one - other);
  return { median: times[times.length >> 1], longest: times[times.length - 1] };
}
"""
VERIFY = """
async ({ texts, key, way }) => {
  const { readQr } = await import('{address}qr.js');
  const { verify } = await import('{address}signature.js');
  const begun = performance.now();
  for (const text of texts) {
    const read = readQr(text);
    if (!(await verify(read.signed, read.signature, key, way))) throw new Error('not genuine');
  }
  return (1000 * texts.length) / (performance.now() - begun);
}
"""


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Fill an event, and let a phone fetch its list, read it again, search it, and check signatures."""
    shop = found_shop("scanner")
    # One of ten orders has run out, and is in no list.
    fill_orders(stage, shop, first=0, last=plan.tickets_at_door * 10 // (9 * TICKETS_PER_ORDER))
    list_id, code = _prepare_door(shop)
    texts, key = _signed(shop)
    plan.say("scanner: the tickets are sold")
    rounds = []
    with _phone(stage) as page:
        page.goto(f"http://127.0.0.1:{stage.port}/checkin/#enrol={code}")
        page.locator(".choice").wait_for()
        for number in range(plan.rounds):
            before = stage.clock.read()
            fetched = page.evaluate(_script(FETCH), list_id)
            used = stage.clock.read() - before
            found = {
                **fetched,
                "web_cpu_seconds": used.web,
                "postgres_cpu_seconds": used.postgres,
                "reopened_seconds": page.evaluate(_script(REOPEN)),
                "search_ms": page.evaluate(_script(SEARCH), QUERIES),
                "signatures_per_second": {
                    way: page.evaluate(_script(VERIFY), {"texts": texts, "key": key, "way": way})
                    for way in ("native", "library")
                },
            }
            rounds.append(found)
            plan.say(
                f"scanner, round {number + 1}: {found['tickets']:,} tickets fetched in "
                f"{found['seconds']:.1f} s, searched in {found['search_ms']['median']:.1f} ms, "
                f"{found['signatures_per_second']['library']:,.0f} signatures/s"
            )
    return {**sorted(rounds, key=lambda one: one["seconds"])[len(rounds) // 2], "rounds": rounds}


def _prepare_door(shop: Shop) -> tuple[str, str]:
    """Make a list and a device, and return the list's id and the device's one-time code."""
    now = datetime.now(UTC)
    made = create_list(
        CommandContext.system(shop.organization_id, now=now), shop.event_id, fields={"name": "Main entrance"}
    )
    _, enrolment = create_device(
        CommandContext.system(shop.organization_id, now=now), name="Benchmark", gate="North", list_ids=[]
    )
    return str(made.id), enrolment.code


def _signed(shop: Shop) -> tuple[list[str], str]:
    """Return what the QR codes of some tickets say, and the public key in base64."""
    key = signing_key(shop.organization_id, datetime.now(UTC))
    tickets = Ticket.objects.of(shop.organization_id).order_by("id")[:SIGNATURES]
    [public] = public_keys(shop.organization_id)
    return [qr_text(ticket, key) for ticket in tickets], base64.b64encode(public.public_key).decode()


def _script(text: str) -> str:
    """Let a script ask for the very modules that the page has loaded."""
    return text.replace("{address}", static("checkin/"))


@contextmanager
def _phone(stage: Stage) -> Iterator[Page]:
    chromium = shutil.which("chromium")
    if chromium is None:
        raise NotMeasurable("There is no Chromium on this machine: apt-get install chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.set_default_timeout(60_000)
        yield page
        browser.close()
