from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from kassa.catalog.domain.products import change_product, create_product, delete_product
from kassa.catalog.domain.tax_rules import change_tax_rule, create_tax_rule, delete_tax_rule
from kassa.catalog.models import Product
from kassa.catalog.queries import product_of, tax_rules_of, view_products
from kassa.core.command_context import CommandContext
from kassa.core.errors import AlreadyExists, InvalidInput, NotFound, StillInUse
from kassa.inventory.errors import CapacityBelowTaken
from kassa.inventory.models import Quota
from tests.api.shop import NOW, make_event, open_shop, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization_id(db: None) -> UUID:
    return open_shop().organization_id


def make(organization_id: UUID, **more: Any) -> Product:
    given = {"sku": "SHIRT", "name": "Shirt", "price": Decimal("25.00"), "stock": 5, **more}
    return create_product(CommandContext.system(organization_id, now=NOW), fields=given)


def change(product: Product, **changes: Any) -> Product:
    return change_product(
        CommandContext.system(product.organization_id, now=NOW), product.id, changes=changes
    )


def test_a_product_has_its_stock_and_currency(organization_id: UUID) -> None:
    view = view_products(organization_id, [make(organization_id)])[0]
    assert (view.stock, view.available, view.product.currency) == (5, 5, "EUR")


def test_a_sku_is_there_once_until_it_is_deleted(organization_id: UUID) -> None:
    first = make(organization_id)
    with pytest.raises(AlreadyExists):
        make(organization_id)
    assert Quota.objects.of(organization_id).count() == 1
    delete_product(CommandContext.system(organization_id, now=NOW), first.id)
    make(organization_id)
    make(open_shop().organization_id)


@pytest.mark.parametrize(
    "more",
    [
        {"sku": ""},
        {"name": "x" * 256},
        {"price": Decimal("1.001")},
        {"price": None},
        {"currency": "XYZ"},
        {"status": "gone"},
        {"max_per_order": 0},
        {"stock": -1},
        {"event": uuid4()},
        {"tax_rule": uuid4()},
        {"colour": "red"},
    ],
)
def test_a_product_is_refused(organization_id: UUID, more: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        make(organization_id, **more)
    assert not Product.objects.of(organization_id).exists()


def test_the_stock_changes_down_to_what_is_taken(organization_id: UUID) -> None:
    shirt = make(organization_id)
    take(shirt.quota_id, reserved=1, sold=1)
    change(shirt, stock=2)
    with pytest.raises(CapacityBelowTaken):
        change(shirt, stock=1)
    with pytest.raises(StillInUse):
        change(shirt, stock=None)
    assert view_products(organization_id, [shirt])[0].stock == 2


def test_a_product_with_taken_stock_is_not_deleted(organization_id: UUID) -> None:
    shirt = make(organization_id)
    take(shirt.quota_id, sold=1)
    with pytest.raises(StillInUse):
        delete_product(CommandContext.system(organization_id, now=NOW), shirt.id)
    assert product_of(organization_id, shirt.id).deleted_at is None


def test_a_stock_without_end(organization_id: UUID) -> None:
    shirt = make(organization_id, stock=None)
    assert view_products(organization_id, [shirt])[0].available is None
    assert view_products(organization_id, [change(shirt, stock=3)])[0].available == 3


def test_another_organisations_event_is_refused(organization_id: UUID) -> None:
    event = make_event(open_shop().organization_id)
    with pytest.raises(InvalidInput):
        make(organization_id, event=event.id)


def test_a_tax_rule_in_use_is_not_deleted(organization_id: UUID) -> None:
    rule = create_tax_rule(CommandContext.system(organization_id, now=NOW), name="VAT", rate=Decimal(19))
    shirt = make(organization_id, tax_rule=rule.id)
    with pytest.raises(StillInUse):
        delete_tax_rule(CommandContext.system(organization_id, now=NOW), rule.id)
    change(shirt, tax_rule=None)
    delete_tax_rule(CommandContext.system(organization_id, now=NOW), rule.id)
    assert not tax_rules_of(organization_id).exists()


def test_a_rate_is_a_percentage(organization_id: UUID) -> None:
    with pytest.raises(InvalidInput):
        create_tax_rule(CommandContext.system(organization_id, now=NOW), name="VAT", rate=Decimal(101))
    rule = create_tax_rule(CommandContext.system(organization_id, now=NOW), name="VAT", rate=Decimal(19))
    with pytest.raises(InvalidInput):
        change_tax_rule(
            CommandContext.system(organization_id, now=NOW), rule.id, changes={"rate": Decimal(-1)}
        )
    assert (
        change_tax_rule(
            CommandContext.system(organization_id, now=NOW), rule.id, changes={"rate": Decimal(7)}
        ).rate
        == 7
    )
    with pytest.raises(NotFound):
        change_tax_rule(
            CommandContext.system(open_shop().organization_id, now=NOW), rule.id, changes={"name": "x"}
        )
