"""The checkout asks for the names that tickets need, and takes the buyer's for their own one."""

from __future__ import annotations

import pytest

from kassa.catalog.models import TicketType
from kassa.orders.models import Ticket
from tests.storefront.checkout.world import ADA, Till, a_sale, a_till, error_of, text_of, value_of
from tests.support.factories import line, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)

FILL_IN = "Please fill this in."


def a_named_sale(quantity: int = 2) -> tuple[Till, TicketType]:
    till = a_sale(quantity, fields={"names_required": True, "quantity": 200})
    return till, TicketType.unscoped.get(event=till.event)


def second(named: TicketType, name: str) -> str:
    return f"t-{named.id}-1-{name}"


def test_names_are_no_option_on_the_page() -> None:
    till, _ = a_named_sale()

    shown = text_of(till.get())

    assert "Attendees" in shown
    assert "Names on the tickets" not in shown
    optional = text_of(a_sale(2).get())
    assert "Names on the tickets (optional)" in optional


def test_no_name_is_called_optional_even_if_the_ticket_is_the_buyers_at_first() -> None:
    till, named = a_named_sale()

    body = till.get().content.decode()

    for name in ("last_name", f"t-{named.id}-0-last_name", second(named, "last_name")):
        assert f'<label for="{name}">Last name</label>' in body
    assert 'class="optional">(optional)</span></label>' in body  # the phone's


def test_missing_names_are_asked_for_beside_their_fields() -> None:
    till, named = a_named_sale()
    mine = {f"t-{named.id}-0-mine": "on"}

    answer = till.order(**mine, **{second(named, "first_name"): "Grace"})

    assert (answer.status_code, till.orders()) == (422, [])
    assert error_of(answer, second(named, "last_name")) == FILL_IN
    assert error_of(answer, second(named, "first_name")) is None
    assert error_of(answer, f"t-{named.id}-0-last_name") is None
    assert value_of(answer, second(named, "first_name")) == "Grace"


def test_own_ticket_has_the_buyers_name_which_is_needed_then() -> None:
    till, named = a_named_sale(1)
    mine = {f"t-{named.id}-0-mine": "on"}

    refused = till.order(**mine, last_name="")
    placed = till.order(**mine)

    assert (refused.status_code, error_of(refused, "last_name")) == (422, FILL_IN)
    assert placed.status_code == 303
    ticket = Ticket.unscoped.get()
    assert (ticket.attendee_first_name, ticket.attendee_last_name) == ("Ada", "Lovelace")


def test_ticket_of_somebody_else_needs_no_last_name_of_the_buyer() -> None:
    till, named = a_named_sale(1)
    names = {f"t-{named.id}-0-first_name": "Grace", f"t-{named.id}-0-last_name": "Hopper"}

    answer = till.order(last_name="", **names)

    assert answer.status_code == 303
    assert Ticket.unscoped.get().attendee_last_name == "Hopper"


def test_all_names_of_a_large_order_are_asked() -> None:
    till, named = a_named_sale(101)

    answer = till.order(**{f"t-{named.id}-0-mine": "on"})

    assert (answer.status_code, till.orders()) == (422, [])
    assert error_of(answer, f"t-{named.id}-100-last_name") == FILL_IN


def test_names_of_tickets_that_need_none_stay_optional_beside_others() -> None:
    till = a_till()
    plain = make_ticket_type(till.event)
    named = make_ticket_type(till.event, name="Coach", names_required=True)
    till.fill(line(plain), line(named))
    names = {f"t-{named.id}-0-first_name": "Grace", f"t-{named.id}-0-last_name": "Hopper"}

    answer = till.order(**names)

    assert answer.status_code == 303
    found = Ticket.unscoped.order_by("id").values_list("attendee_last_name", flat=True)
    assert list(found) == ["", "Hopper"]


def test_missing_name_is_asked_for_in_french() -> None:
    till, named = a_named_sale()
    till.language = "fr"

    answer = till.order(**{f"t-{named.id}-0-mine": "on"})

    assert error_of(answer, second(named, "last_name")) == "Veuillez remplir ce champ."
    assert ADA["first_name"] in answer.content.decode()
