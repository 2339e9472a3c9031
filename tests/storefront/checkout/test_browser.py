"""The checkout in Chromium: a declined payment and another try, more time, kept typing, and no scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.orders.models import Ticket
from kassa.sales.models import Cart
from tests.storefront.checkout.world import Till, a_sale, a_till
from tests.support.factories import line, make_coupon, make_product, make_question, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"width": 390, "height": 844}
PDF = {"name": "card.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 card"}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    with sync_playwright() as running:
        started = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(autouse=True)
def _our_host(live_server: Any, settings: Any) -> None:
    settings.BASE_URL = live_server.url


def at(browser: Any, live_server: Any, till: Till, **options: Any) -> tuple[Any, list[str]]:
    """Open a till's checkout in a window of its own; return it, and what the browser complains of."""
    page = browser.new_context(viewport=PHONE, locale="en", **options).new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{live_server.url}{till.path}")
    return page, complaints


def unexpected(complaints: list[str]) -> list[str]:
    """Leave out that an answer was a refusal, which the browser notes of each."""
    return [text for text in complaints if not re.search(r"status of (409|422)", text)]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_purchase_with_a_declined_payment_and_another_try(
    browser: Any, live_server: Any, scripts: bool
) -> None:
    till = a_till(providers=("demo", "manual"))
    student = make_ticket_type(till.event, name="Student")
    make_question(till.event, "card", label="Student card", kind="file", is_required=True)
    make_product(till.organization, event=till.event, name="Programme")
    coupon = make_coupon(till.organization, events=(till.event,))
    till.fill(line(student))
    page, complaints = at(browser, live_server, till, java_script_enabled=scripts)
    page.get_by_label("E-mail").fill("ada@example")
    page.get_by_label("First name").first.fill("Ada")

    page.get_by_role("button", name="Add Programme").click()
    page.get_by_text("Do you have a coupon?").click()
    page.get_by_label("Code", exact=True).fill(coupon.code)
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("button", name="Pay €51.75")).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value("ada@example")
    page.get_by_role("button", name="Pay €51.75").click()
    expect(page.get_by_text("Student card: Please choose a file.")).to_be_visible()
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Student card").set_input_files(PDF)
    page.get_by_role("button", name="Pay €51.75").click()

    page.get_by_role("button", name="Let the bank decline").click()
    expect(page.get_by_text("The payment did not go through.")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("button", name="Pay €51.75").click()

    expect(page.get_by_text("Your order is confirmed")).to_be_visible()
    assert [attempt.status for attempt in till.attempts()] == ["failed", "succeeded"]
    assert [order.status for order in till.orders()] == ["confirmed"]
    assert unexpected(complaints) == []


def test_time_runs_is_extended_and_ends_and_nothing_is_lost(browser: Any, live_server: Any) -> None:
    till = a_sale(2)
    soon = utc_now() + timedelta(seconds=63)
    Cart.unscoped.filter(id=till.cart_id).update(expires_at=soon)
    page, complaints = at(browser, live_server, till)
    expect(page.locator("#said")).to_have_text("You have one minute left to order.")
    page.get_by_label("First name").first.fill("Ada")
    page.get_by_role("button", name="More time").click()
    expect(page.locator(".countdown b")).to_have_text(re.compile(r"(30:00|29:\d\d)"))
    expect(page.get_by_role("button", name="More time")).to_have_count(0)
    expect(page.get_by_label("First name").first).to_have_value("Ada")

    Cart.unscoped.filter(id=till.cart_id).update(expires_at=utc_now() + timedelta(seconds=3))
    page.reload()
    expect(page.get_by_text("Your time ran out")).to_be_visible()
    expect(page.get_by_label("First name").first).to_have_value("Ada")
    page.get_by_role("button", name="Order the same again").first.click()
    expect(page.locator(".countdown")).to_be_visible()

    expect(page.get_by_label("First name").first).to_have_value("Ada")
    assert page.url != f"{live_server.url}{till.path}"
    assert unexpected(complaints) == []


def test_typing_survives_a_reload_and_goes_with_its_cart(browser: Any, live_server: Any) -> None:
    till = a_sale(2)
    page, _ = at(browser, live_server, till)
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_text("A note to the organiser").first.click()
    page.get_by_label("A note to the organiser").fill("At the door.")
    page.get_by_label("may write to me").check()

    page.reload()
    expect(page.get_by_label("E-mail")).to_have_value("ada@example.com")
    expect(page.get_by_label("may write to me")).to_be_checked()
    expect(page.get_by_role("textbox", name="A note to the organiser")).to_have_value("At the door.")
    page.get_by_role("button", name="One Standing more").click()
    expect(page.get_by_role("button", name="Pay €135.00")).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value("ada@example.com")
    till.fill(line(make_ticket_type(till.event)))
    page.goto(f"{live_server.url}{till.path}")

    expect(page.get_by_label("E-mail")).to_have_value("")
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('kassa')).length") == 1


def test_typing_goes_on_while_an_answer_is_on_its_way(browser: Any, live_server: Any) -> None:
    till = a_sale(2)
    make_product(till.organization, event=till.event, name="Programme")
    page, complaints = at(browser, live_server, till)
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    page.route("**/checkout/*", hold)
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_role("button", name="Add Programme").click()
    page.get_by_label("First name").first.fill("Ada")
    page.get_by_text("A note to the organiser").first.click()
    page.get_by_label("A note to the organiser").fill("At the door.")
    page.wait_for_function("document.activeElement.id === 'notes'")
    [route] = held
    route.continue_()

    expect(page.get_by_role("button", name="Pay €102.50")).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value("ada@example.com")
    expect(page.get_by_label("First name").first).to_have_value("Ada")
    expect(page.get_by_role("textbox", name="A note to the organiser")).to_have_value("At the door.")
    assert page.evaluate("document.activeElement.id") == "notes"
    assert unexpected(complaints) == []


def test_recipient_follows_the_buyer_and_states_follow_the_country(browser: Any, live_server: Any) -> None:
    till = a_till()
    till.fill(line(make_product(till.organization, is_shippable=True)))
    page, complaints = at(browser, live_server, till)
    recipient = page.locator("[name=shipping-name]")

    page.locator("[name=first_name]").fill("Ada")
    page.locator("[name=last_name]").fill("Lovelace")
    expect(recipient).to_have_value("Ada Lovelace")
    recipient.fill("Grace Hopper")
    page.locator("[name=last_name]").fill("King")
    expect(recipient).to_have_value("Grace Hopper")

    page.locator("[name=shipping-country]").select_option("CA")
    page.locator("select[name=shipping-state]").select_option(label="Quebec")
    page.locator("[name=shipping-country]").select_option("US")
    expect(page.locator("select[name=shipping-state] option", has_text="Texas")).to_have_count(1)
    page.locator("[name=shipping-country]").select_option("FR")
    expect(page.locator("input[name=shipping-state]")).to_have_count(1)
    assert complaints == []


def test_error_is_gone_once_the_field_is_typed_anew(browser: Any, live_server: Any) -> None:
    till = a_sale()
    page, complaints = at(browser, live_server, till)
    page.get_by_role("button", name="Pay").click()
    email = page.locator("#checkout [name=email]")
    expect(page.locator("#wrong li")).to_have_count(2)
    expect(email).to_have_attribute("aria-invalid", "true")

    email.press_sequentially("a")

    expect(page.locator("#wrong li")).to_have_count(1)
    expect(page.locator("#wrong")).to_contain_text("One field needs another look:")
    expect(email).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("#email_error")).to_have_count(0)
    expect(page.locator(".refused [name=first_name]")).to_have_count(1)
    page.locator("#checkout [name=first_name]").fill("Ada")
    expect(page.locator("#wrong")).to_have_count(0)
    expect(page.locator(".refused")).to_have_count(0)
    assert unexpected(complaints) == []


def test_refused_way_to_pay_is_mended_by_choosing_another(browser: Any, live_server: Any) -> None:
    event = {"starts_at": utc_now() + timedelta(days=30), "ends_at": utc_now() + timedelta(days=31)}
    till = a_sale(providers=("demo", "manual"), event=event)
    page, complaints = at(browser, live_server, till)
    page.locator("#checkout [name=email]").fill("ada@example.com")
    page.locator("#checkout [name=first_name]").fill("Ada")
    page.get_by_label("Bank transfer").check()
    Event.unscoped.filter(id=till.event.id).update(starts_at=utc_now() + timedelta(days=1))
    page.get_by_role("button", name="Pay").click()
    reason = page.locator("[data-refused-way]")
    expect(page.locator("#wrong")).to_contain_text("it takes 2 days to arrive")
    expect(reason).to_have_class("error")

    page.get_by_label("Demo payment").check()

    expect(page.locator("#wrong")).to_have_count(0)
    expect(page.locator(".refused")).to_have_count(0)
    expect(reason).to_be_visible()  # and it stays true
    expect(reason).to_have_class("soft small")
    assert unexpected(complaints) == []


def test_hold_has_one_clock_that_runs_down(browser: Any, live_server: Any) -> None:
    page, complaints = at(browser, live_server, a_sale())
    timer = page.get_by_role("timer")

    expect(timer).to_have_text(re.compile(r"^Reserved for you for (30:00|29:5\d)\s*More time$"))
    assert complaints == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_names_that_tickets_need_are_asked_for(browser: Any, live_server: Any, scripts: bool) -> None:
    till = a_sale(2, fields={"names_required": True})
    page, complaints = at(browser, live_server, till, java_script_enabled=scripts)
    first, second = page.locator(".attendee").nth(0), page.locator(".attendee").nth(1)
    expect(first.get_by_label("Last name")).to_be_hidden()
    page.get_by_label("E-mail").fill("ada@example.com")
    page.locator("#first_name").fill("Ada")
    page.locator("#last_name").fill("Lovelace")
    page.get_by_label("This ticket is for me").uncheck()
    first.get_by_label("First name").fill("Grace")
    second.get_by_label("First name").fill("Mary")

    page.get_by_role("button", name=re.compile("90.00")).click()

    for ticket, last_name in ((first, "Hopper"), (second, "Somerville")):
        expect(ticket.get_by_text("Please fill this in.")).to_be_visible()
        ticket.get_by_label("Last name").fill(last_name)
    assert till.orders() == []
    page.get_by_role("button", name=re.compile("90.00")).click()

    expect(page).to_have_url(re.compile("/orders/"))
    [order] = till.orders()
    names = Ticket.unscoped.filter(order=order).order_by("id").values_list("attendee_last_name", flat=True)
    assert list(names) == ["Hopper", "Somerville"]
    assert unexpected(complaints) == []
