"""Bank transfers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kassa.core.errors import InvalidInput
from kassa.core.ids import new_id
from kassa.payments.providers.free import FreeProvider
from kassa.payments.providers.manual import ManualProvider, due_date, is_iban
from kassa.payments.providers.protocol import Credentials, PaymentState, Provider, WebhookRefused
from tests.payments.cashier import Cashier

ACCOUNT = {"account_holder": "Harbour Hall", "iban": "DE89 3704 0044 0532 0130 00"}


def check(**changes: Any) -> None:
    ManualProvider().check_configuration(Credentials(new_id(), {**ACCOUNT, **changes}, {}))


@pytest.mark.parametrize(
    "iban",
    ["DE89370400440532013000", "GB82WEST12345698765432", "NO9386011117947", "FR1420041010050500013M02606"],
)
def test_ibans_are_known_by_their_check_digits(iban: str) -> None:
    assert is_iban(iban)
    assert not is_iban(iban[:-1] + ("1" if iban[-1] != "1" else "2"))


@pytest.mark.parametrize("text", ["", "DE89", "DE8937040044053201300ß", "89DE370400440532013000"])
def test_other_texts_are_no_ibans(text: str) -> None:
    assert not is_iban(text)


def test_an_account_as_people_write_it_will_do() -> None:
    check(iban="de89 3704 0044 0532 0130 00", bic="COBADEFFXXX", due_days=14, instructions="Thanks!")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("iban", "DE88370400440532013000"),
        ("bic", "COBA"),
        ("due_days", 0),
        ("due_days", True),
        ("bank_name", 7),
    ],
)
def test_an_account_that_cannot_be_paid_to_is_refused(field: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check(**{field: value})

    assert refusal.value.details["errors"][0]["field"] == field


def test_due_days_are_counted_in_utc() -> None:
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert due_date(late, 7) == date(2026, 3, 8)


def test_a_transfer_tells_where_to_pay_and_holds_the_places(cashier: Cashier) -> None:
    order = cashier.place()

    attempt = cashier.open(order, "manual")

    due = due_date(attempt.created_at, 7)
    assert (attempt.status, attempt.checkout_url, attempt.check_at) == ("open", "", None)
    assert attempt.instructions == {
        "account_holder": "Harbour Hall",
        "iban": "DE89370400440532013000",
        "bic": "",
        "bank_name": "",
        "reference": order.number,
        "amount": "90.00",
        "currency": "EUR",
        "due_date": due.isoformat(),
        "text": "",
    }
    until = datetime.combine(due + timedelta(days=2), datetime.min.time(), UTC)
    assert cashier.order(order.id).expires_at == until
    assert cashier.states(order) == ("pending", "pending")


def test_a_second_transfer_has_a_reference_of_its_own(cashier: Cashier) -> None:
    order = cashier.place()
    cashier.cancel(cashier.open(order, "manual"))

    second = cashier.open(order, "manual")

    assert second.instructions is not None
    assert second.instructions["reference"] == order.number
    assert cashier.statuses(order) == ["cancelled", "open"]


@pytest.mark.parametrize("provider", [ManualProvider(), FreeProvider()])
def test_providers_without_webhooks_refuse_them(provider: Provider) -> None:
    credentials = Credentials(new_id(), {}, {})

    assert provider.organization_of(b"{}") is None
    with pytest.raises(WebhookRefused):
        provider.verify_webhook(credentials, headers={}, body=b"{}", now=datetime.now(UTC))
    with pytest.raises(ValueError, match="no webhooks"):
        provider.read_webhook(credentials, b"{}")
    assert provider.look_up(credentials, "x").state == PaymentState.OPEN
    assert provider.close(credentials, "x").state == PaymentState.CANCELLED
