"""What Kassa knows of a person is handed out whole, and erased wherever it stands."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps

from kassa.audit.run import run_audit
from kassa.core.clock import utc_now
from kassa.core.personal_data import NOBODY
from kassa.identity.domain.account_mail import kept_letters
from kassa.identity.models import Invitation, Membership, User
from kassa.orders.models import Order, Ticket
from kassa.privacy.erase import erase_person
from kassa.privacy.errors import OnlyOwner, OrdersUnderWay
from kassa.privacy.export import export_person
from kassa.privacy.register import list_erased_columns, list_personal_data, list_retained_columns
from kassa.privacy.whose import person_of, tickets_of_person
from kassa.sales.domain.request import Customer
from tests.notifications.office import Office
from tests.privacy.somebody import CODE, EMAIL, MARK, fill, make_somebody, places
from tests.support.factories import line

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def somebody() -> User:
    return make_somebody()


@pytest.fixture
def office(somebody: User) -> Office:
    return fill(somebody)


def listed(columns: dict[str, tuple[str, ...]]) -> set[str]:
    return {f"{table}.{column}" for table, names in columns.items() for column in names}


def test_register_names_every_column_in_which_a_person_stands(office: Office) -> None:
    assert sorted(places() - listed(list_erased_columns()) - listed(list_retained_columns())) == []
    assert listed(list_retained_columns()) <= places()


def test_export_has_all_of_it(office: Office, somebody: User) -> None:
    packed = zipfile.ZipFile(io.BytesIO(export_person(somebody, now=utc_now())))
    data: dict[str, Any] = json.loads(packed.read("data.json"))

    assert packed.namelist() == ["data.json", f"files/1-{MARK}.pdf"]
    assert packed.read(f"files/1-{MARK}.pdf") == MARK.encode()
    assert data["account"]["email"] == EMAIL
    assert data["account"]["elsewhere"][0]["subject"] == CODE
    assert data["account"]["elsewhere"][1]["extra_data"] == {"email": EMAIL}
    assert data["account"]["ways_in"][0]["name"] == f"{MARK}'s phone"
    assert data["account"]["devices"][0]["user_agent"] == f"Browser of {MARK}"
    assert [order["organization"] for order in data["orders"]] == ["Harbour Hall"] * 3
    assert data["orders"][0]["customer"]["address"]["line1"] == f"{MARK} street 1"
    assert data["orders"][0]["answers"] == {"wish": MARK}
    assert data["orders"][0]["items"][0]["metadata"] == {"engraving": f"For {MARK}"}
    assert data["orders"][0]["tickets"][0]["attendee"]["fields"] == {"diet": MARK}
    assert len(data["tickets"]) == 4
    assert data["transfers"][0]["message"] == f"For {MARK}"
    assert {one["recipient"].lower() for one in data["messages"]} == {EMAIL}
    assert data["carts"][0]["customer"]["first_name"] == MARK
    assert MARK in json.dumps(data["invoices"])
    assert data["not_written_to"][0]["address"] == EMAIL


def test_erasing_leaves_nothing_but_invoices(office: Office, somebody: User) -> None:
    sums = list(Order.objects.of(office.id).order_by("id").values_list("number", "total", "status"))
    tickets = list(Ticket.objects.of(office.id).order_by("id").values_list("code", "status"))

    erase_person(somebody, now=utc_now())

    assert sorted(places()) == sorted(listed(list_retained_columns()))
    assert not User.objects.filter(id=somebody.id).exists()
    assert list(kept_letters(recipient=EMAIL)) == []
    assert sums == list(Order.objects.of(office.id).order_by("id").values_list("number", "total", "status"))
    assert tickets == list(Ticket.objects.of(office.id).order_by("id").values_list("code", "status"))
    assert Order.objects.of(office.id).filter(customer_email=NOBODY).count() == 3
    assert run_audit(None).findings == []


def test_erased_orders_are_nobodys(office: Office, somebody: User) -> None:
    erase_person(somebody, now=utc_now())
    again = make_somebody()

    assert not tickets_of_person(person_of(again)).exists()


def test_others_keep_what_is_theirs(office: Office, somebody: User) -> None:
    before = list(office.tickets_of(office.sold))[1]
    others = Order.objects.of(office.id).filter(id=office.sold.id).values("customer_email", "customer_key")
    [sold] = others

    erase_person(somebody, now=utc_now())

    assert [sold] == list(others)
    assert office.tickets_of(office.sold)[1].attendee_email == before.attendee_email


def test_once_per_customer_still_holds_for_the_books(office: Office, somebody: User) -> None:
    keys = Order.objects.of(office.id).exclude(id=office.sold.id).values_list("customer_key", flat=True)
    before = set(keys)

    erase_person(somebody, now=utc_now())

    after = set(keys.all())
    assert len(after) == len(before)
    assert all(key.startswith("erased:") for key in after)


def test_unpaid_order_is_waited_for(office: Office, somebody: User) -> None:
    order = office.place(line(office.standing, 1), customer=Customer(email=EMAIL))
    found = places()

    with pytest.raises(OrdersUnderWay) as refused:
        erase_person(somebody, now=utc_now())

    assert refused.value.details["orders"] == [order.number]
    assert places() == found
    erase_person(somebody, now=utc_now() + timedelta(days=30))


def test_goods_are_sent_first(office: Office, somebody: User) -> None:
    office.shirt.is_shippable = True
    office.shirt.save()
    order = office.place(
        line(office.shirt, 1), customer=Customer(email=EMAIL), shipping_address={"line1": "x"}
    )
    office.organization.refresh_from_db()
    Order.objects.of(office.id).filter(id=order.id).update(status="confirmed", expires_at=None)

    with pytest.raises(OrdersUnderWay):
        erase_person(somebody, now=utc_now())


def test_only_owner_is_not_erased(office: Office, somebody: User) -> None:
    Membership.unscoped.create(organization=office.organization, user=somebody, role="owner")
    found = places()

    with pytest.raises(OnlyOwner) as refused:
        erase_person(somebody, now=utc_now())

    assert refused.value.details["organizations"] == ["Harbour Hall"]
    assert places() == found


@pytest.mark.parametrize("role", ["owner", "support"])
def test_membership_ends_with_the_account(office: Office, somebody: User, role: str) -> None:
    other = User.objects.create_user("grace@example.com", name="Grace")
    Membership.unscoped.create(organization=office.organization, user=other, role="owner")
    Membership.unscoped.create(organization=office.organization, user=somebody, role=role)

    erase_person(somebody, now=utc_now())

    assert [one.user_id for one in Membership.objects.of(office.id)] == [other.id]
    assert sorted(places()) == sorted(listed(list_retained_columns()))


def test_invitation_blocks_nobody_and_is_forgotten(office: Office, somebody: User) -> None:
    erase_person(somebody, now=utc_now())

    [invitation] = Invitation.objects.of(office.id)
    assert (invitation.email, invitation.name, invitation.status) == (NOBODY, "", "revoked")
    assert invitation.ended_at is not None


def test_unproven_address_leads_to_nothing(office: Office) -> None:
    eve = User.objects.create_user("eve@example.com", name="Eve")
    EmailAddress.objects.create(user=eve, email=f"{MARK}-other@example.com", verified=False, primary=True)

    assert person_of(eve).emails == ()
    assert not tickets_of_person(person_of(eve)).exists()


def test_each_app_answers_for_its_own_tables() -> None:
    """The tables that a library brings for accounts are the accounts' own."""
    labels = {model._meta.db_table: model._meta.app_label for model in apps.get_models()}
    of_accounts = {"account", "mfa", "socialaccount", "usersessions"}
    for data in list_personal_data():
        found = {labels[table] for table in (*data.erased, *data.retained)}
        assert found - {data.app} <= (of_accounts if data.app == "identity" else set())
