"""Nobody takes over the addresses that another organisation has had."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import AlreadyExists
from kassa.organizations.domain.manage import change_organization, create_organization
from kassa.organizations.models import Organization
from tests.support.api_client import ApiClient, make_api_client
from tests.support.factories import make_organization

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def theatre() -> Organization:
    return make_organization()


@pytest.fixture
def former(theatre: Organization) -> str:
    """The slug that the theatre had, whose addresses stand in mails, on posters and in search engines."""
    answer = rename(make_api_client(theatre), f"new-{theatre.slug}")
    assert answer == 200
    return theatre.slug


def rename(api: ApiClient, slug: str) -> int:
    answer = api.patch("/api/v1/organization", {"slug": slug})
    return int(answer.status_code)


def test_stranger_cannot_take_a_slug_that_another_one_had(former: str) -> None:
    stranger = make_organization()

    assert rename(make_api_client(stranger), former) == 409
    with pytest.raises(AlreadyExists):
        create_organization(name="Phish", slug=former, email="eve@example.org", now=utc_now())

    stranger.refresh_from_db()
    assert stranger.slug != former
    assert (
        rename(make_api_client(stranger), f"nobodys-{uuid4().hex[:8]}") == 200
    )  # the control: free ones are given


def test_database_itself_keeps_it(former: str) -> None:
    stranger = make_organization()
    with pytest.raises(IntegrityError), transaction.atomic():
        Organization.objects.filter(id=stranger.id).update(slug=former)


def test_who_had_it_may_have_it_again(theatre: Organization, former: str) -> None:
    assert rename(make_api_client(theatre), former) == 200
    assert rename(make_api_client(make_organization()), f"new-{former}") == 409


def test_slug_of_kassas_own_pages_is_refused(theatre: Organization) -> None:
    for slug in ("api", "account", "orders", "No Slug", "-x", "x" * 81, ""):
        assert rename(make_api_client(theatre), slug) == 422
    change_organization(
        CommandContext.system(theatre.id, now=utc_now()), changes={"name": "Opera"}, settings={}
    )
    theatre.refresh_from_db()
    assert list(theatre.slugs.values_list("slug", flat=True)) == [theatre.slug]
