"""What is photographed: each scene opens its own windows and leaves its pictures behind."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pypdfium2
from playwright.sync_api import Page

from scripts.screens.camera import Camera, save
from scripts.screens.house import COACHES, HALL, SCHOOL, SHOP, House, website

BUYER = {"email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace"}
CLUB, SYMPHONIES = "Basement Signals", "Brahms and Dvořák"
TERMINAL = """<body style="margin:0;padding:28px 32px;background:#17191e;color:#e8e8ea">
<pre style="margin:0;font:17px/1.55 'DejaVu Sans Mono',monospace;white-space:pre-wrap">$ make run
<br>{words}</pre>"""
CODE = re.compile(r"^\s*([A-Z0-9]{4}-[A-Z0-9]{4})\s*$", re.MULTILINE)
SHOP_KEPT = 7_000
"""Milliseconds after which no process remembers an organisation as it was."""
FRAME = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Lindenhof</title>
<style>body{{margin:0;font:17px/1.6 Georgia,serif;color:#2b2320;background:#fbf7f0}}
header{{padding:28px 6vw;background:#2b2320;color:#fbf7f0;font-size:26px}}
main{{max-width:46rem;margin:0 auto;padding:24px}}
</style><header>Lindenhof · the magazine</header><main><h1>Down in the coal cellar</h1>
<p>Four times a year the basement belongs to people with patch cables. The next night is nearly here.</p>
<kassa-shop event="{event}"><a href="{address}">Tickets</a></kassa-shop></main>
<script src="{kassa}/embed.js"></script></html>"""


def start(camera: Camera, house: House) -> None:
    """Photograph the terminal after `make run`."""
    page = camera.window("desktop")
    page.set_viewport_size({"width": 1280, "height": 200})
    page.set_content(TERMINAL.format(words=html.escape(house.words)))
    camera.take(page, "make-run", "desktop")


def look_around(camera: Camera, house: House) -> None:
    """Photograph what one sees before one chooses."""
    camera.show("/", "shops", "desktop")
    for size in ("phone", "desktop"):
        camera.show(f"/{HALL}/", "whats-on", size)
        camera.show(f"/{COACHES}/trips?from=Bristol&to=London", "trips", size)
        camera.show(f"/{HALL}/calendar", "calendar", size)
    camera.show(f"/{HALL}/", "whats-on-dark", "phone", dark=True)
    camera.show(f"/{HALL}/", "whats-on-french", "phone", language="fr")
    camera.show(f"/{HALL}/?q=bach", "search", "desktop")
    camera.show(f"/{COACHES}/", "coaches", "phone")
    camera.show(f"/{SCHOOL}/", "courses", "phone")
    camera.show(f"/{SHOP}/", "products", "desktop")


def choose(camera: Camera, house: House) -> None:
    """Photograph the pages on which one chooses."""
    for size in ("phone", "desktop"):
        camera.show(house.event_path(HALL, CLUB), "event", size)
        _seats(camera, house.event_path(HALL, SYMPHONIES), "seats-hall", size)
    for size in ("phone", "desktop"):
        camera.show(house.event_path(HALL, CLUB), "event-dark", size, dark=True)
    camera.show(house.event_path(HALL, CLUB), "event-french", "phone", language="fr")
    camera.show(house.event_path(HALL, CLUB), "event-without-scripts", "phone", scripts=False)
    _seats(camera, house.event_path(COACHES, "Leeds to Edinburgh"), "seats-coach", "phone")
    camera.show(house.event_path(SCHOOL, "PostgreSQL"), "course", "phone")
    camera.show(house.product_path(HALL, "LH-RECORD"), "product", "phone")
    camera.show(house.event_path(HALL, "Wine and Cello"), "sold-out", "phone")
    camera.show(house.event_path(HALL, "The St John Passion"), "not-on-sale-yet", "phone")
    camera.show(house.event_path(HALL, "Organ at Midnight"), "called-off", "phone")


def buy(camera: Camera, house: House) -> None:
    """Photograph the way from the checkout to the ticket and the invoice."""
    for size, language, name in (
        ("phone", "en", "checkout"),
        ("desktop", "en", "checkout"),
        ("phone", "fr", "checkout-french"),
    ):
        page = camera.window(size, language=language)
        _fill_cart(page, house, HALL, CLUB, 2)
        _fill_in(page)
        camera.take(page, name, size)
    page = camera.window("phone")
    _fill_cart(page, house, HALL, CLUB, 2)
    _fill_in(page)
    _order(page)
    camera.take(page, "pay", "phone")
    _bank(page, "decline")
    camera.take(page, "payment-failed", "phone")
    page.locator("form[action$='/pay'] button").first.click()
    page.wait_for_url(re.compile("/demo-bank/"))
    _bank(page, "pay")
    page.locator(".standing.good").first.wait_for()
    camera.take(page, "order", "phone")
    _papers(camera, page)
    wide = camera.window("desktop")
    wide.goto(page.url)
    camera.take(wide, "order", "desktop")


def run_out_of_time(camera: Camera, house: House) -> None:
    """Photograph a cart and an order whose time is over; it takes the minute that they are held."""
    house.call(SCHOOL, "PATCH", "/organization", {"settings": {"hold_minutes": 1}})
    cart, order = camera.window("phone"), camera.window("phone")
    for page in (cart, order):
        _fill_cart(page, house, SCHOOL, "PostgreSQL", 1)
    _fill_in(order, email="grace@example.com")
    _order(order)
    _bank(order, "cancel")
    cart.wait_for_timeout(65_000)
    cart.reload()
    camera.take(cart, "cart-expired", "phone")
    order.reload()
    camera.take(order, "order-expired", "phone")


def have_an_account(camera: Camera, house: House) -> None:
    """Photograph an account: how one gets in, and the orders that were placed before with its address."""
    camera.show("/account/login/", "sign-in", "phone")
    page = camera.show("/account/signup/", "sign-up", "phone")
    page.locator("[name=email]").fill(BUYER["email"])
    page.locator("[name=password1]").fill("four easy words here")
    page.locator("main button.primary").first.click()
    page.locator("[name=code]").fill(_mailed_code(page, house))
    page.locator("main button.primary").first.click()
    page.wait_for_url(re.compile("/account/(?!confirm)"))
    for name in ("", "tickets/", "data/"):
        page.goto(f"/account/{name}")
        camera.take(page, f"account-{name.rstrip('/') or 'orders'}", "phone")


def wait(camera: Camera, house: House) -> None:
    """Photograph the waiting room before its start, and the line after it."""
    now = datetime.now(UTC)
    event = house.event(HALL, "Season Opening")["id"]
    room = {
        "opens_at": now.isoformat(),
        "starts_at": (now + timedelta(minutes=4)).isoformat(),
        "rate_per_minute": 60,
    }
    house.call(HALL, "PUT", f"/events/{event}/waiting-room", room)
    page = camera.window("phone")
    page.goto(house.event_path(HALL, "Season Opening"))
    page.locator("[data-when]:not([hidden]) h2").first.wait_for()
    camera.take(page, "waiting-room", "phone")


def embed(camera: Camera, house: House) -> None:
    """Photograph a shop in the page of somebody's own website, which a second server stands in for."""
    event = house.event(HALL, CLUB)["id"]
    address = house.address + house.event_path(HALL, CLUB)
    around = FRAME.format(event=event, address=address, kassa=house.address)
    with website(around) as site:
        house.call(HALL, "PATCH", "/organization", {"settings": {"embed_sites": [site]}})
        page = camera.window("desktop")
        page.wait_for_timeout(SHOP_KEPT)
        page.goto(site)
        page.frame_locator("kassa-shop iframe").locator("form").first.wait_for()
        camera.take(page, "embedded", "desktop")


def _seats(camera: Camera, path: str, name: str, size: str) -> None:
    """Photograph a plan on which two seats are chosen."""
    page = camera.window(size)
    page.goto(path)
    area = page.locator(".plan-area")
    area.focus()
    area.press("Enter")
    for _ in range(60):
        area.press("Enter")
        if page.locator("ul[data-chosen] > li").count() >= 2:
            break
        area.press("ArrowRight")
    if page.locator("ul[data-chosen] > li").count():
        page.locator("[data-total]", has_text="2").wait_for()
    camera.take(page, name, size, start=".plan")


def _fill_cart(page: Page, house: House, slug: str, title: str, quantity: int) -> None:
    event = house.event(slug, title)
    page.goto(house.event_path(slug, title))
    page.locator(f"[name='type-{event['ticket_types'][0]['id']}']").fill(str(quantity))
    page.locator("form.choose .tally button.primary").click()
    page.wait_for_url(re.compile("/checkout/"))


def _fill_in(page: Page, **given: str) -> None:
    for name, value in {**BUYER, **given}.items():
        page.locator(f"#checkout [name='{name}']").first.fill(value)


def _mailed_code(page: Page, house: House) -> str:
    """Return the code of the message about an account that came last."""
    mailbox = page.context.new_page()
    message = mailbox.locator("a[href*='/accounts/']").first
    mailbox.goto(house.demo["mailbox_url"])
    while not message.count():
        mailbox.reload()
    mailbox.goto(f"{message.get_attribute('href')}?as=text")
    code = CODE.search(mailbox.locator("body").inner_text())
    mailbox.close()
    return code[1] if code else ""


def _order(page: Page) -> None:
    page.locator("#checkout [name='provider'][value='demo']").check()
    page.locator("#checkout .actions [name=do][value=order]").click()
    page.wait_for_url(re.compile("/demo-bank/"))


def _bank(page: Page, action: str) -> None:
    page.locator(f"button[name='action'][value='{action}']").click()
    page.wait_for_url(re.compile("/orders/|/demo-bank/"))
    if "/demo-bank/" in page.url:
        page.locator("a.primary").click()
    page.wait_for_url(re.compile("/orders/"))


def _papers(camera: Camera, page: Page) -> None:
    """Photograph the ticket's page, its printed sheet and the invoice of the order that a window shows."""
    path = urlsplit(page.url).path
    for name, address in (("ticket-pdf", f"{path}/tickets.pdf"), ("invoice-pdf", f"{path}/invoice.pdf")):
        answer = page.request.get(address)
        sheet = pypdfium2.PdfDocument(answer.body())[0].render(scale=1.4).to_pil()
        save(sheet, name)
    ticket = page.locator("a[href*='/tickets/']:not([href$='.pdf'])").first.get_attribute("href")
    camera.show(ticket or path, "ticket", "phone")
    _confirmation(camera, camera.house)


def _confirmation(camera: Camera, house: House) -> None:
    """Photograph the message that confirms an order, as soon as it is in the mailbox."""
    mailbox = camera.window("phone")
    message = mailbox.locator("a", has_text="Your tickets for").first
    mailbox.goto(house.demo["mailbox_url"])
    while not message.count():
        mailbox.reload()
    camera.show(f"{message.get_attribute('href')}html", "mail-confirmed", "phone")


SCENES: dict[str, Callable[[Camera, House], None]] = {
    "start": start,
    "look-around": look_around,
    "choose": choose,
    "buy": buy,
    "account": have_an_account,
    "expire": run_out_of_time,
    "wait": wait,
    "embed": embed,
}
