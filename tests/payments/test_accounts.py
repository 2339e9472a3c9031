"""Accounts at providers: what is set stays, what is secret is never shown."""

from __future__ import annotations

from typing import Any

import pytest

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import InvalidInput, NotFound, StillInUse
from kassa.payments.domain.accounts import (
    configure_provider,
    get_credentials,
    offered_providers,
    provider_accounts,
    remove_provider,
)
from kassa.payments.domain.refunds.send import send_due_refunds
from kassa.payments.errors import ProviderNotOffered, ProviderUnknown
from kassa.payments.models import ProviderAccount
from tests.payments.cashier import Cashier
from tests.payments.money import give_back, receipt_for, receive
from tests.payments.providers import Bank
from tests.support.factories import enable_provider, make_organization
from tests.support.sale_world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(bank: Bank, db: None) -> World:
    return World()


def configure(world: World, name: str = "memory", **values: Any) -> None:
    given = {"configuration": {"account": "acct_1"}, "secrets": {}, "is_enabled": True, **values}
    configure_provider(CommandContext.system(world.organization.id, now=world.context().now), name, **given)


def view(world: World, name: str = "memory") -> Any:
    return {view.name: view for view in provider_accounts(world.organization.id)}[name]


def test_secrets_are_encrypted_and_never_shown(world: World) -> None:
    configure(world, secrets={"key": "s3cret"})

    [account] = ProviderAccount.objects.of(world.organization.id)
    assert "s3cret" not in account.secrets
    shown = view(world)
    assert (shown.secrets_set, shown.configuration) == (("key",), {"account": "acct_1"})
    assert "s3cret" not in repr(shown)
    credentials = get_credentials(world.organization.id, "memory")
    assert credentials.secrets == {"key": "s3cret"}
    assert "s3cret" not in repr(credentials)


def test_secrets_that_are_not_named_stay_and_the_rest_is_replaced(world: World) -> None:
    configure(world, secrets={"key": "s3cret"})

    configure(world, configuration={"account": "acct_2"})

    credentials = get_credentials(world.organization.id, "memory")
    assert (credentials.configuration, credentials.secrets) == ({"account": "acct_2"}, {"key": "s3cret"})
    assert ProviderAccount.objects.of(world.organization.id).count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"configuration": {"account": "a", "acount": "b"}}, "acount"),
        ({"configuration": {"account": "a", "key": "s3cret"}}, "key"),
        ({"secrets": {"account": "a"}}, "account"),
        ({"secrets": {"key": ""}}, "key"),
        ({"configuration": {}}, "account"),
        ({"configuration": {"account": "a\x00b"}}, "account"),
        ({"configuration": {"account": "a" * 5000}}, "account"),
    ],
)
def test_settings_that_will_not_do_change_nothing(world: World, values: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        configure(world, **{"secrets": {"key": "s3cret"}, **values})

    assert refusal.value.details["errors"][0]["field"] == field
    assert not ProviderAccount.objects.of(world.organization.id).exists()


def test_only_what_is_set_up_and_on_is_offered(world: World) -> None:
    assert offered_providers(world.organization.id) == ["free"]
    with pytest.raises(ProviderNotOffered):
        get_credentials(world.organization.id, "memory")

    configure(world, secrets={"key": "s3cret"})
    assert offered_providers(world.organization.id) == ["free", "memory"]

    configure(world, is_enabled=False)
    assert offered_providers(world.organization.id) == ["free"]
    with pytest.raises(ProviderNotOffered):
        get_credentials(world.organization.id, "memory", for_new_payment=True)
    assert get_credentials(world.organization.id, "memory").secrets == {"key": "s3cret"}


def test_a_provider_that_does_not_exist_is_not_set_up(world: World) -> None:
    with pytest.raises(ProviderUnknown):
        configure(world, "nobody")


def test_accounts_are_those_of_one_organisation(world: World) -> None:
    configure(world, secrets={"key": "s3cret"})
    other = make_organization()

    assert offered_providers(other.id) == ["free"]
    with pytest.raises(NotFound):
        remove_provider(CommandContext.system(other.id, now=utc_now()), "memory")
    assert view(world).is_offered


def test_a_removed_account_is_gone(world: World) -> None:
    enable_provider(world.organization, "manual")

    remove_provider(CommandContext.system(world.organization.id, now=utc_now()), "manual")

    assert not view(world, "manual").is_configured
    with pytest.raises(NotFound):
        remove_provider(CommandContext.system(world.organization.id, now=utc_now()), "manual")


def test_secrets_whose_key_is_lost_are_none_until_they_are_entered_again(world: World, settings: Any) -> None:
    configure(world, secrets={"key": "s3cret"})
    enable_provider(world.organization, "manual")
    settings.ENCRYPTION_KEYS = ["another key"]

    shown = view(world)
    assert (shown.is_configured, shown.is_offered, shown.secrets_set) == (False, False, ())
    assert shown.configuration == {"account": "acct_1"}
    with pytest.raises(ProviderNotOffered):
        get_credentials(world.organization.id, "memory")
    with pytest.raises(InvalidInput):
        configure(world)
    # What has no secrets has lost none.
    assert offered_providers(world.organization.id) == ["free", "manual"]
    assert get_credentials(world.organization.id, "manual").secrets == {}

    configure(world, secrets={"key": "new"})

    assert get_credentials(world.organization.id, "memory").secrets == {"key": "new"}
    assert view(world).is_offered


@pytest.mark.django_db(transaction=True)
def test_an_account_whose_payments_could_be_given_back_stays(cashier: Cashier) -> None:
    order = cashier.place()
    receive(cashier, receipt_for(order, provider="memory"))

    with pytest.raises(StillInUse):
        remove_provider(CommandContext.system(cashier.id, now=utc_now()), "memory")

    give_back(cashier, cashier.order(order.id), everything=True)
    send_due_refunds(cashier.id, now=cashier.now)
    remove_provider(CommandContext.system(cashier.id, now=utc_now()), "memory")
    assert "memory" not in offered_providers(cashier.id)


@pytest.mark.django_db(transaction=True)
def test_an_account_with_money_under_way_stays(cashier: Cashier) -> None:
    cashier.open(cashier.place())

    with pytest.raises(StillInUse):
        remove_provider(CommandContext.system(cashier.id, now=utc_now()), "memory")

    assert "memory" in offered_providers(cashier.id)
