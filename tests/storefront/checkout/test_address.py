"""Where a parcel goes: to the buyer unless somebody else is named, in a state of its country."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kassa.core.clock import utc_now
from kassa.core.ttl_cache import clear_caches
from kassa.organizations.models import Organization
from kassa.storefront.checkout.states import find_state, state_choices
from tests.storefront.checkout.world import Till, a_till, error_of, value_of
from tests.support.factories import line, make_product

pytestmark = pytest.mark.django_db(transaction=True)
HOME = {
    "shipping__line1": "12 Analytical Street",
    "shipping__postal_code": "78701",
    "shipping__city": "Austin",
    "shipping__country": "US",
}


def a_parcel(country: str = "US") -> Till:
    till = a_till()
    Organization.objects.filter(id=till.organization.id).update(address={"country": country})
    clear_caches()
    till.fill(line(make_product(till.organization, is_shippable=True)), now=utc_now())
    return till


def sent_to(till: Till) -> dict[str, Any]:
    [order] = till.orders()
    return dict(order.shipping_address or {})


def states_of(answer: Any) -> dict[str, bool]:
    """Return the states that are offered, and whether each is chosen; empty: they are not a list."""
    found = re.search(r'<select name="shipping-state".*?</select>', answer.content.decode(), re.DOTALL)
    options = re.findall(r'<option value="([^"]*)"( selected)?', found[0]) if found else []
    return {value: bool(chosen) for value, chosen in options if value}


def test_parcel_goes_to_the_buyer_unless_somebody_else_is_named() -> None:
    for typed, name in (({}, "Ada Lovelace"), ({"shipping__name": "Grace Hopper"}, "Grace Hopper")):
        till = a_parcel()

        assert till.order(**HOME, **typed).status_code == 303

        assert sent_to(till)["name"] == name


def test_recipient_is_filled_in_with_what_is_known_of_the_buyer() -> None:
    till = a_parcel()

    page = till.post("look", first_name="Ada", last_name="Lovelace")

    assert value_of(page, "shipping-name") == "Ada Lovelace"


def test_states_are_a_list_where_the_country_has_one() -> None:
    american, french = a_parcel("US").get(), a_parcel("FR").get()

    assert len(states_of(american)) == 59
    assert not any(states_of(american).values())
    assert states_of(french) == {}
    assert value_of(french, "shipping-state") == ""


def test_state_that_was_typed_is_found_in_the_list() -> None:
    till = a_parcel("FR")

    page = till.post("look", **HOME, shipping__state="texas")
    answer = till.order(**HOME, shipping__state="texas")

    assert [state for state, is_chosen in states_of(page).items() if is_chosen] == ["TX"]
    assert answer.status_code == 303
    assert sent_to(till)["state"] == "TX"


def test_state_of_another_country_is_refused_beside_the_list() -> None:
    till = a_parcel()

    answer = till.order(**HOME, shipping__state="Bavaria")

    assert answer.status_code == 422
    assert error_of(answer, "shipping-state") == "Choose one from the list."
    assert till.orders() == []


def test_every_list_of_states_is_without_doubles() -> None:
    for country in ("AR", "AU", "BR", "CA", "CN", "ES", "IE", "IN", "IT", "JP", "MX", "MY", "US"):
        choices = state_choices(country)
        assert len({value for value, _ in choices}) == len({name for _, name in choices}) == len(choices) > 5
    assert find_state("CA", "québec") == find_state("CA", "QC") == "QC"
    assert find_state("FR", "Texas") is None
