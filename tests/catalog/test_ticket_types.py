from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kassa.catalog.domain.tax_rules import create_tax_rule
from kassa.catalog.domain.ticket_types import change_ticket_type, create_ticket_type, delete_ticket_type
from kassa.catalog.models import TicketType
from kassa.catalog.queries import TicketTypeView, ticket_type_of, view_ticket_types
from kassa.core.command_context import CommandContext
from kassa.core.errors import InvalidInput, NotFound, StillInUse
from kassa.inventory.domain.quotas import create_quota
from kassa.inventory.errors import CapacityBelowTaken
from tests.api.shop import NOW, make_event, open_shop, take, ticket_type, types_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization_id(db: None) -> UUID:
    return open_shop().organization_id


@pytest.fixture
def standard(organization_id: UUID) -> TicketType:
    return types_of(make_event(organization_id, ticket_type(quantity=10)))[0]


def change(of: TicketType, **changes: Any) -> TicketType:
    return change_ticket_type(CommandContext.system(of.organization_id, now=NOW), of.id, changes=changes)


def view(of: TicketType) -> TicketTypeView:
    return view_ticket_types(of.organization_id, [ticket_type_of(of.organization_id, of.id)])[0]


def test_a_ticket_type_is_added(organization_id: UUID) -> None:
    event = make_event(organization_id)
    made = create_ticket_type(
        CommandContext.system(organization_id, now=NOW), event.id, fields=ticket_type("Late", quantity=3)
    )
    assert (view(made).quantity, view(made).available) == (3, 3)


def test_the_quantity_changes_down_to_what_is_taken(standard: TicketType) -> None:
    take(standard.quota_id, reserved=1, sold=2)
    change(standard, quantity=3)
    with pytest.raises(CapacityBelowTaken) as caught:
        change(standard, quantity=2, price=Decimal(1))
    assert caught.value.details["taken"] == 3
    assert (view(standard).quantity, view(standard).ticket_type.price) == (3, Decimal(20))


def test_a_limit_comes_and_goes_while_nothing_is_taken(standard: TicketType) -> None:
    assert change(standard, quantity=None).quota_id is None
    assert view(change(standard, quantity=7)).quantity == 7
    take(ticket_type_of(standard.organization_id, standard.id).quota_id, sold=1)
    with pytest.raises(StillInUse):
        change(standard, quantity=None)


def test_a_price_that_becomes_free_is_zero(standard: TicketType) -> None:
    assert change(standard, is_free=True).price == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"price": Decimal("0.001")},
        {"max_per_order": 0},
        {"name": " "},
        {"sales_start_at": NOW, "sales_end_at": NOW},
        {"event": None},
        {"quota_id": None},
    ],
)
def test_a_change_is_checked(standard: TicketType, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        change(standard, **changes)


def test_shared_quotas_are_exchanged_while_nothing_is_taken(
    organization_id: UUID, standard: TicketType
) -> None:
    rooms = [create_quota(organization_id, name="Room", capacity=n, now=NOW).id for n in (3, 2)]
    change(standard, shared_quotas=rooms)
    assert view(standard).available == 2
    change(standard, shared_quotas=rooms[:1])
    assert [quota.id for quota in view(standard).shared] == rooms[:1]
    take(standard.quota_id, reserved=1)
    with pytest.raises(StillInUse):
        change(standard, shared_quotas=[])
    change(standard, shared_quotas=rooms[:1])
    assert [quota.id for quota in view(standard).shared] == rooms[:1]


def test_only_quotas_made_to_be_shared_are_shared(organization_id: UUID, standard: TicketType) -> None:
    other = types_of(make_event(organization_id))[0]
    with pytest.raises(InvalidInput):
        change(standard, shared_quotas=[other.quota_id])


def test_a_tax_rule_is_set_and_taken_away(organization_id: UUID, standard: TicketType) -> None:
    rule = create_tax_rule(CommandContext.system(organization_id, now=NOW), name="VAT", rate=Decimal(19))
    assert change(standard, tax_rule=rule.id).tax_rule_id == rule.id
    assert change(standard, tax_rule=None).tax_rule_id is None


def test_another_organisations_things_are_refused(standard: TicketType) -> None:
    theirs = open_shop().organization_id
    rule = create_tax_rule(CommandContext.system(theirs, now=NOW), name="VAT", rate=Decimal(19))
    room = create_quota(theirs, name="Room", capacity=3, now=NOW)
    for changes in ({"tax_rule": rule.id}, {"shared_quotas": [room.id]}):
        with pytest.raises(InvalidInput):
            change(standard, **changes)
    with pytest.raises(NotFound):
        change_ticket_type(CommandContext.system(theirs, now=NOW), standard.id, changes={})
    with pytest.raises(NotFound):
        delete_ticket_type(CommandContext.system(theirs, now=NOW), standard.id)


def test_a_deleted_ticket_type_is_out_of_sight(standard: TicketType) -> None:
    delete_ticket_type(CommandContext.system(standard.organization_id, now=NOW), standard.id)
    with pytest.raises(NotFound):
        ticket_type_of(standard.organization_id, standard.id)


def test_a_ticket_type_with_taken_places_is_not_deleted(standard: TicketType) -> None:
    take(standard.quota_id, sold=1)
    with pytest.raises(StillInUse):
        delete_ticket_type(CommandContext.system(standard.organization_id, now=NOW), standard.id)
    assert ticket_type_of(standard.organization_id, standard.id).deleted_at is None
