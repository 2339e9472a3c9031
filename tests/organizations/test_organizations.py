from __future__ import annotations

from uuid import uuid4

import pytest

from kassa.core.command_context import CommandContext
from kassa.core.errors import AlreadyExists, InvalidInput, NotFound
from kassa.organizations.domain.manage import change_organization, create_organization
from kassa.organizations.models import Organization
from kassa.organizations.queries import living_organizations, organization_settings
from tests.api.shop import NOW

pytestmark = pytest.mark.django_db


def test_an_organisation_is_founded_with_its_settings() -> None:
    made = create_organization(
        name="Theatre", slug="theatre", email="a@example.org", now=NOW, settings={"default_currency": "JPY"}
    )
    found = organization_settings(made.id)
    assert (found.organization, found.default_currency, found.hold_minutes) == (made, "JPY", 30)


def test_a_slug_is_there_once() -> None:
    create_organization(name="Theatre", slug="theatre", email="a@example.org", now=NOW)
    with pytest.raises(AlreadyExists):
        create_organization(name="Other", slug="theatre", email="b@example.org", now=NOW)
    assert Organization.objects.filter(slug="theatre").count() == 1


def test_a_currency_that_is_not_in_use_is_refused() -> None:
    made = create_organization(name="Theatre", slug="theatre", email="a@example.org", now=NOW)
    with pytest.raises(InvalidInput):
        change_organization(
            CommandContext.system(made.id, now=NOW),
            changes={"name": "x"},
            settings={"default_currency": "DEM"},
        )
    assert organization_settings(made.id).organization.name == "Theatre"


def test_a_change_leaves_what_it_does_not_name() -> None:
    made = create_organization(name="Theatre", slug="theatre", email="a@example.org", now=NOW)
    changed = change_organization(
        CommandContext.system(made.id, now=NOW), changes={"name": "Opera"}, settings={"hold_minutes": 5}
    )
    assert (changed.organization.name, changed.organization.email) == ("Opera", "a@example.org")
    assert (changed.hold_minutes, changed.default_currency) == (5, "EUR")


def test_a_deleted_organisation_is_not_found() -> None:
    made = create_organization(name="Theatre", slug="theatre", email="a@example.org", now=NOW)
    Organization.objects.filter(id=made.id).update(deleted_at=NOW)
    for organization_id in (made.id, uuid4()):
        with pytest.raises(NotFound):
            organization_settings(organization_id)
    assert made not in living_organizations()
