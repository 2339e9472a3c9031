"""A way through every page there is, each in the state in which it has most to show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.shopping.buyer import Buyer
from tests.shopping.members import confirm, letter_to, sign_up
from tests.shopping.served import CONCERT, COURSE, TRIP, Shop
from tests.support.conditions import wait_until

HALL = "/lindenhof-concert-hall"
COACHES = "/heronway-coaches"
SCHOOL = "/foxglove-school-of-code"
STORE = "/copper-lane-electronics"


def shown_to_everybody(shop: Shop) -> Iterator[str]:
    """Yield the addresses that anybody finds."""
    yield from ("/", f"{HALL}/", f"{COACHES}/", f"{SCHOOL}/", f"{STORE}/")
    yield from (f"{HALL}/calendar", f"{SCHOOL}/calendar", f"{COACHES}/trips", f"{STORE}/products")
    yield f"{COACHES}/trips?from=Leeds&to=Edinburgh"
    yield f"{HALL}/?q=nothing-of-this-name"
    for row in shop.rows(
        """SELECT DISTINCT ON (e.title) o.slug, e.id FROM catalog_event e JOIN organizations_organization o
        ON o.id = e.organization_id WHERE e.status <> 'draft' ORDER BY e.title, e.starts_at"""
    ):
        yield f"/{row['slug']}/events/{row['id']}"
    for row in shop.rows(
        "SELECT id FROM catalog_product WHERE event_id IS NULL AND is_shippable ORDER BY name LIMIT 2"
    ):
        yield f"{STORE}/products/{row['id']}"
    for title in (CONCERT, TRIP):
        event = shop.event(title)
        yield f"/{event['slug']}/events/{event['id']}/seats"
    yield f"{HALL}/events/{shop.event(CONCERT)['id']}?embed=1"
    yield f"{HALL}/cart"
    yield f"{HALL}/nothing-here"
    yield from (
        "/nothing-here",
        "/orders/nobody-has-this-link",
        "/tickets/x",
        "/transfers/x",
        "/unsubscribe/x",
    )
    yield from ("/demo-bank/pay/x", "/account/nothing-here", f"{HALL}/checkout/x", "/waiting/nobody/x")
    for page in (f"{HALL}/find-order", "/account/find-order/"):
        yield from (page, f"{page}?sent=1")
    yield "/checkin/"
    yield from ("/account/login/", "/account/signup/", "/account/signup/passkey/", "/account/login/code/")
    yield from ("/account/password/reset/", "/account/3rdparty/login/cancelled/")


def shown_to_a_member(buyer: Buyer) -> Iterator[str]:
    """Sign up on the way, and yield what is only for those who have."""
    yield from ("/account/inactive/", "/account/password/reset/done/")
    for path in ("/account/login/code/", "/account/password/reset/"):
        page = buyer.open(path)
        page.locator("main [name=email]").fill("nobody@example.com")
        page.locator("main button.primary").click()
        page.wait_for_url("**/confirm/")
        yield path_of(page.url)
    sign_up(buyer)
    yield "/account/confirm-email/"
    yield letter_to(buyer)
    buyer.open("/account/confirm-email/")
    confirm(buyer)
    yield from ("/account/", "/account/tickets/", "/account/data/", "/account/email/", "/account/logout/")
    yield from ("/account/activity/", "/account/organizations/")
    yield from ("/account/password/change/", "/account/2fa/", "/account/2fa/totp/activate/")
    yield from (
        "/account/2fa/webauthn/",
        "/account/2fa/webauthn/add/",
        "/account/3rdparty/",
        "/account/sessions/",
    )
    yield "/account/reauthenticate/"


def shown_to_a_buyer(buyer: Buyer) -> Iterator[str]:
    """Buy on the way, and yield each page when it is reached: it is looked at before the way goes on."""
    buyer.open_event(CONCERT)
    buyer.point_at_seats(1)
    yield path_of(buyer.go_on().url)
    buyer.page.goto(buyer.page.url)
    buyer.fill()
    yield path_of(buyer.order().url)
    order = path_of(buyer.answer_bank("decline").url)
    wait_until(lambda: buyer.order_row()["payment_status"] == "failed")
    yield order
    buyer.open(order)
    buyer.page.locator('form[action$="/pay"] button.primary').click()
    buyer.page.wait_for_url(re.compile("/demo-bank/"))
    bank = path_of(buyer.page.url)
    buyer.answer_bank("pay")
    buyer.confirmed()
    yield bank
    yield order
    yield f"{order}/prove"
    yield from tickets_of(buyer, order)
    yield from letters_of(buyer)
    yield buyer.shop.remind(buyer.email)


def shown_in_trouble(buyer: Buyer) -> Iterator[str]:
    """Do on the way what is refused; yield a name for each page, which is looked at as it then stands."""
    page = buyer.page
    buyer.open_event(COURSE)
    amount = page.locator("[name^=type-]").first
    buyer.expect_refusal(422)
    amount.fill("0")
    page.locator("form.choose .tally button.primary").click()
    page.locator("[data-problem=form]").wait_for()
    yield "nothing is chosen"
    amount.fill("1")
    page.locator("details:has(#coupon) > summary").click()
    page.locator("#coupon").fill("NONE-OF-OURS")
    page.locator("#coupon-problem").get_by_text(re.compile(r"\w")).wait_for()
    yield "no such coupon, in the shop"
    page.locator("#coupon").fill("")
    buyer.go_on()
    yield from _refused_at_the_checkout(buyer)
    yield from _refused_signing_in(buyer)


def _refused_at_the_checkout(buyer: Buyer) -> Iterator[str]:
    page = buyer.page
    order = page.locator("#checkout .actions [name=do][value=order]")
    buyer.expect_refusal(422)
    order.click()
    page.locator("#wrong").wait_for()
    yield "nothing is filled in"
    page.locator("details:has(#coupon) > summary").click()
    page.locator("#coupon").fill("NONE-OF-OURS")
    buyer.expect_refusal(409)
    page.locator('button[name="do"][value="coupon"]').click()
    page.locator("#coupon-error").wait_for()
    page.wait_for_function("!document.querySelector('.htmx-request') && !document.getAnimations().length")
    yield "no such coupon, at the checkout"
    page.locator("#coupon").fill("")
    for name, address in (("cannot be written to", "ada@@example.com"), ("looks mistyped", "ada@gmial.com")):
        buyer.expect_refusal(422)
        buyer.fill(email=address)
        order.click()
        page.locator("#wrong").wait_for()
        yield f"an address that {name}"


def _refused_signing_in(buyer: Buyer) -> Iterator[str]:
    page = buyer.open("/account/login/")
    page.locator("main [name=login]").fill("ada@example.com")
    page.locator("main [name=password]").fill("not the right one")
    page.locator("main button.primary").first.click()
    page.locator("main .problem:visible").wait_for()
    yield "a wrong password"
    page = buyer.open("/account/signup/")
    page.locator("main [name=email]").fill("ada@example")
    page.locator("main [name=password1]").fill("short")
    page.locator("main form").first.evaluate("form => { form.noValidate = true; }")
    page.locator("main button.primary").first.click()
    page.locator("main .error").first.wait_for()
    yield "an account that cannot be made"


def tickets_of(buyer: Buyer, order: str) -> Iterator[str]:
    buyer.open(order)
    ticket = buyer.page.locator('a[href*="/tickets/"]:not([href$=".pdf"]):not([href*=".pkpass"])').first
    address = ticket.get_attribute("href")
    assert address is not None
    yield address
    page = buyer.open(address.partition("?")[0], lang="en")
    page.get_by_text("Transfer this ticket").click()
    page.locator('input[type="email"]:visible').first.fill("grace@example.com")
    page.get_by_role("button", name="Send the ticket").click()
    page.wait_for_load_state()
    yield address
    sent = "SELECT text FROM notifications_message WHERE recipient = %s AND text LIKE %s"
    asked = ("grace@example.com", "%/transfers/%")
    wait_until(lambda: buyer.shop.rows(sent, *asked))  # the worker gives a message its words
    found = re.search(r"/transfers/\S+", buyer.shop.rows(sent, *asked)[0]["text"])
    assert found is not None
    yield found[0]


def letters_of(buyer: Buyer) -> Iterator[str]:
    mailbox = buyer.shop.mailbox
    yield mailbox
    buyer.open(mailbox)
    letters = buyer.page.locator("main a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    yield next(href for href in letters if re.search(r"/[0-9a-f-]{36}/$", href))


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
