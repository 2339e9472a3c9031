"""Who has ordered is told by no page: asking for lost orders looks the same for every address."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from kassa.core.rate_limits import clear_rate_limits
from kassa.identity.models import AccountMail
from kassa.organizations.models import Organization
from kassa.sales.domain.request import Customer
from tests.storefront.account.lost_orders import answer_requests, forget_requests
from tests.storefront.account.sameness import Done, differences, watch
from tests.storefront.account.visitor import Visitor, letters_to
from tests.support.factories import make_organization
from tests.support.sale_world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_refill")]
BUYER, STRANGER = "buyer@example.com", "other@example.com"


@pytest.fixture
def organization() -> Organization:
    organization = make_organization()
    World(organization).place(customer=Customer(email=BUYER))
    return organization


def paths(organization: Organization) -> list[str]:
    return ["/account/find-order/", f"/{organization.slug}/find-order"]


def ask(path: str, email: str, *, address: str = "192.0.2.1") -> list[Done]:
    """Send the form and look at the page after it; return all that both did."""
    visitor = Visitor(REMOTE_ADDR=address)
    visitor.get(path)
    sent: list[Any] = []

    def send() -> Any:
        sent.append(visitor.post(path, {"email": email}))
        return sent[-1]

    done = [watch(send, email=email)]
    return [*done, watch(lambda: visitor.get(sent[0]["Location"]), email=email)]


@pytest.fixture(autouse=True)
def _no_requests_of_before() -> None:
    forget_requests()


def test_address_with_orders_looks_as_one_without(organization: Organization) -> None:
    for path in paths(organization):
        first, second = ask(path, BUYER), ask(path, STRANGER)
        assert differences(first, second) == []
        assert [one.status for one in first] == [303 if "find" in path else 302, 200]
    assert AccountMail.objects.count() == 0  # nothing was looked for yet


def test_control_the_mail_itself_tells_its_reader(organization: Organization) -> None:
    ask("/account/find-order/", BUYER)
    ask("/account/find-order/", STRANGER)
    answer_requests()

    assert "/orders/" in letters_to(BUYER)[0].text
    assert "/orders/" not in letters_to(STRANGER)[0].text


def test_address_that_was_written_to_too_often_looks_the_same(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        ask("/account/find-order/", BUYER, address=f"192.0.2.{number + 10}")

    assert differences(ask("/account/find-order/", BUYER), ask("/account/find-order/", STRANGER)) == []
    answer_requests()
    assert len(letters_to(BUYER)) == 3

    monkeypatch.setattr(settings, "RATE_LIMITS", False)
    for _ in range(3):
        ask("/account/find-order/", BUYER)
    answer_requests()
    assert len(letters_to(BUYER)) == 6


def test_one_client_asks_for_few_addresses(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/{organization.slug}/find-order"

    def statuses(count: int) -> list[int]:
        visitor = Visitor()
        return [visitor.post(path, {"email": f"a{one}@example.com"}).status_code for one in range(count)]

    assert statuses(11) == [303] * 10 + [429]
    clear_rate_limits()  # another process: the limit is shared
    assert statuses(1) == [429]
    assert Visitor(REMOTE_ADDR="198.51.100.7").post(path, {"email": BUYER}).status_code == 303
    monkeypatch.setattr(settings, "RATE_LIMITS", False)
    assert statuses(11) == [303] * 11


def test_form_of_another_site_is_refused(organization: Organization) -> None:
    path = f"/{organization.slug}/find-order"

    foreign = Visitor(HTTP_ORIGIN="https://evil.example").post(path, {"email": BUYER})

    assert foreign.status_code == 403
    assert Visitor(HTTP_ORIGIN="http://testserver").post(path, {"email": BUYER}).status_code == 303
