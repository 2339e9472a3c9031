"""How fees and shipping are taxed: as the goods, by a rule, or not at all, and what an order says of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kassa.catalog.models import TaxRule
from kassa.organizations.models import Organization, OrganizationSettings
from tests.support.api_client import ApiClient, make_api_client
from tests.support.books import assert_books_balance
from tests.support.factories import make_event, make_organization, make_product, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)

FIELDS = ("fee_tax_rule", "shipping_tax_rule")


@pytest.fixture
def organization() -> Organization:
    return make_organization(
        service_fee_percentage=Decimal("2.5"), service_fee_fixed=Decimal("0.50"), shipping_fee=Decimal("4.90")
    )


@pytest.fixture
def api(organization: Organization) -> ApiClient:
    return make_api_client(organization)


def tax_rule(organization: Organization, rate: str = "19", *, included: bool = True) -> TaxRule:
    return TaxRule.unscoped.create(
        organization=organization, name="VAT", rate=Decimal(rate), included=included
    )


def change(api: ApiClient, **settings: Any) -> Any:
    return api.patch("/api/v1/organization", {"settings": settings})


def read(api: ApiClient) -> list[Any]:
    settings = api.get("/api/v1/organization").json()["settings"]
    return [settings[field] for field in FIELDS]


def test_fees_and_shipping_are_taxed_as_the_goods_at_first(api: ApiClient) -> None:
    assert read(api) == [None, None]


@pytest.mark.parametrize("field", FIELDS)
def test_rule_is_set_switched_off_and_cleared(api: ApiClient, organization: Organization, field: str) -> None:
    rule = str(tax_rule(organization).id)

    answers = [change(api, **{field: value}) for value in (rule, "none", rule, None)]
    untouched = change(api, hold_minutes=20)

    assert [answer.json()["settings"][field] for answer in answers] == [rule, "none", rule, None]
    assert untouched.json()["settings"][field] is None


@pytest.mark.parametrize("field", FIELDS)
def test_rule_of_nobody_or_of_others_is_refused(
    api: ApiClient, organization: Organization, field: str
) -> None:
    gone = tax_rule(organization)
    api.delete(f"/api/v1/tax-rules/{gone.id}")
    for rule in (tax_rule(make_organization()), gone):
        answer = change(api, **{field: str(rule.id)})

        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
        assert answer.json()["errors"][0]["field"] == f"settings.{field}"
    assert change(api, **{field: "sometimes"}).status_code == 422
    assert read(api) == [None, None]


@pytest.mark.parametrize("field", FIELDS)
def test_rule_in_use_is_not_deleted(api: ApiClient, organization: Organization, field: str) -> None:
    rule = tax_rule(organization)
    change(api, **{field: str(rule.id)})

    answer = api.delete(f"/api/v1/tax-rules/{rule.id}")

    assert (answer.status_code, answer.json()["code"]) == (409, "still_in_use")
    change(api, **{field: None})
    assert api.delete(f"/api/v1/tax-rules/{rule.id}").status_code == 204


def test_database_keeps_rule_and_taxation_together(organization: Organization) -> None:
    settings = OrganizationSettings.objects.of(organization.id)
    theirs = tax_rule(make_organization())

    for values in ({"fee_taxation": "rule"}, {"fee_tax_rule_id": tax_rule(organization).id}):
        with pytest.raises(IntegrityError, match="charge_tax_rules"), transaction.atomic():
            settings.update(**values)
    with pytest.raises(IntegrityError, match="fee_tax_rule"), transaction.atomic():
        settings.update(fee_taxation="rule", fee_tax_rule_id=theirs.id)


def test_order_and_cart_say_what_of_the_fees_is_tax(api: ApiClient, organization: Organization) -> None:
    event = make_event(organization)
    ticket = make_ticket_type(event, price=Decimal("12.00"), tax_rule=tax_rule(organization, "7"))
    book = make_product(
        organization, price=Decimal("20.00"), is_shippable=True, tax_rule=tax_rule(organization, "5.5")
    )
    lines = [{"ticket_type": str(ticket.id), "quantity": 1}, {"product": str(book.id), "quantity": 1}]

    order = api.order(*lines, shipping_address={"line1": "1 Quay", "city": "Bristol", "country": "GB"}).json()
    cart = api.post("/api/v1/carts", {"lines": lines}).json()

    assert order["charge_taxes"] == [
        {
            "charge": "fees",
            "tax_name": "VAT",
            "tax_rate": rate,
            "included": True,
            "amount": amount,
            "tax": tax,
        }
        for rate, amount, tax in (("7.000", "0.49", "0.03"), ("5.500", "0.81", "0.04"))
    ] + [
        {
            "charge": "shipping",
            "tax_name": "VAT",
            "tax_rate": "5.500",
            "included": True,
            "amount": "4.90",
            "tax": "0.26",
        }
    ]
    assert cart["charge_taxes"] == order["charge_taxes"]
    assert api.get(f"/api/v1/orders/{order['id']}").json()["charge_taxes"] == order["charge_taxes"]
    contained = [step["amount"] for step in order["price_trace"] if step["step"] == "tax"]
    assert contained == ["0.82", "1.34"]
    assert order["included_taxes"] == "2.16"
    assert_books_balance(organization.id)


def test_case_of_ten_lines_costs_what_one_line_costs(api: ApiClient, organization: Organization) -> None:
    change(api, shipping_fee="0")
    ticket = make_ticket_type(
        make_event(organization),
        price=Decimal("0.99"),
        tax_rule=tax_rule(organization, "8.875", included=False),
    )

    one = api.order({"ticket_type": str(ticket.id), "quantity": 10}).json()
    ten = api.order(*[{"ticket_type": str(ticket.id), "quantity": 1}] * 10).json()
    cart = api.post("/api/v1/carts", {"lines": [{"ticket_type": str(ticket.id), "quantity": 1}]}).json()
    for _ in range(9):
        cart = api.post(
            f"/api/v1/carts/{cart['id']}/items", {"lines": [{"ticket_type": str(ticket.id), "quantity": 1}]}
        ).json()

    assert [(found["taxes"], found["total"]) for found in (one, ten, cart)] == [("0.88", "11.53")] * 3
    assert [item["quantity"] for item in cart["items"]] == [10]
    assert sorted(one["price_paid"] for one in one["tickets"]) == sorted(
        one["price_paid"] for one in ten["tickets"]
    )
    assert_books_balance(organization.id)
