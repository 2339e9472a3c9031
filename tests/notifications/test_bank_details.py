"""Whoever pays by bank transfer can do so from the message alone, and reads there what the page says."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from kassa.core.clock import utc_now
from kassa.notifications.domain.read_feed import read_events
from kassa.notifications.models import MessageTemplate
from kassa.orders.models import Order
from kassa.payments.domain.attempts.fail import attempts_seen
from kassa.payments.domain.attempts.open import AttemptRequest, open_attempt
from kassa.payments.providers.protocol import PaymentSeen, PaymentState
from kassa.sales.domain.request import Customer
from kassa.storefront.checkout.pay_panel import pay_panel
from kassa.storefront.orders.page import order_page
from tests.notifications.office import Office
from tests.support.factories import enable_provider

ADA = Customer(email="ada@example.com", first_name="Ada", last_name="Lovelace")
MANUAL = {
    "account_holder": "Harbour Hall e.V.",
    "iban": "DE89370400440532013000",
    "bic": "COBADEFFXXX",
    "bank_name": "Hafenbank",
    "instructions": "Private account:\nno cheques.",
}


def pay_by_transfer(office: Office) -> Order:
    order = office.place(customer=ADA)
    begin(office, order, "manual", **MANUAL)
    return order


def begin(office: Office, order: Order, provider: str, **configuration: Any) -> Any:
    enable_provider(office.organization, provider, **configuration)
    request = AttemptRequest(
        provider=provider, return_url="https://a.example", cancel_url="https://a.example"
    )
    return open_attempt(office.context(now=office.now), order.id, request=request)


def shown(order: Order, language: str) -> list[str]:
    """Return what the page of an order says about its transfer."""
    with override(language):
        transfer = pay_panel(order, now=utc_now()).transfer
    assert transfer is not None
    return [
        transfer.amount,
        transfer.account_holder,
        transfer.iban,
        transfer.bic,
        transfer.bank,
        transfer.reference,
        transfer.due,
        *transfer.text.splitlines(),
    ]


def test_transfer_is_paid_from_the_message_alone(transactional_db: None, language: str) -> None:
    office = Office(default_language=language)
    office.forget()
    order = pay_by_transfer(office)

    office.work()

    message = office.message("order_placed")
    values = shown(office.order(order.id), language)
    assert "DE89 3704 0044 0532 0130 00" in values
    assert order.number in values
    assert [value for value in values if value not in message.text] == []
    assert [value for value in values if value not in message.html] == []


def test_transfer_has_one_date(transactional_db: None, language: str) -> None:
    """Until when the places are held is a day or two later, and nothing that the buyer needs."""
    office = Office(default_language=language)
    office.forget()
    order = office.order(pay_by_transfer(office).id)
    with override(language):
        page = order_page(order, now=utc_now())

    office.work()

    message = office.message("order_placed")
    words = {"en": ("until", "Pay by:"), "fr": ("jusqu’", "Au plus tard le")}[language]
    assert page.note == ""
    assert page.pay.transfer is not None
    assert words[0] not in message.text
    assert words[1] in message.text
    # The control: who pays otherwise reads until when the places are held.
    other = office.place(customer=ADA)
    with override(language):
        assert order_page(office.order(other.id), now=utc_now()).note != ""


def test_other_ways_to_pay_have_no_bank_details(office: Office) -> None:
    office.forget()
    office.place(customer=ADA)

    office.work()

    text = office.message("order_placed").text
    assert "IBAN" not in text
    assert "Your tickets are reserved until" in text


@pytest.mark.parametrize(
    ("body", "boxes"),
    [
        ("Thank you!", 1),
        ("Thank you!\n\n{{ bank_details }}\n\nGood night.", 1),
        ("Please pay to {{ bank_transfer.iban }}.", 1),
    ],
)
def test_own_words_never_leave_the_account_out(office: Office, body: str, boxes: int) -> None:
    MessageTemplate.unscoped.create(
        organization_id=office.id, kind="order_placed", language="en", subject="", body=body
    )
    office.forget()
    pay_by_transfer(office)

    office.work()

    message = office.message("order_placed")
    assert message.remark == ""
    assert message.text.count("DE89 3704 0044 0532 0130 00") == boxes


def test_transfer_chosen_after_the_first_message_is_written_about(office: Office) -> None:
    office.forget()
    order = office.place(customer=ADA)
    office.work()
    assert "IBAN" not in office.message("order_placed").text
    attempt = begin(office, order, "demo")
    failed = PaymentSeen(PaymentState.FAILED, "", error="The card was declined.")
    attempts_seen(office.id, [(attempt.id, failed)], now=office.now)
    begin(office, order, "manual", **MANUAL)

    office.work()
    read_events(now=office.now)
    office.work()

    [first, last] = office.messages("order_placed")
    assert first.status == last.status == "kept"
    assert "DE89 3704 0044 0532 0130 00" in last.text


def test_markup_of_an_account_is_text(office: Office) -> None:
    office.forget()
    order = office.place(customer=ADA)
    begin(office, order, "manual", **MANUAL | {"account_holder": "<b>Hall</b>", "instructions": "<script>"})

    office.work()

    html = office.message("order_placed").html
    assert "&lt;b&gt;Hall&lt;/b&gt;" in html
    assert "<script>" not in html
