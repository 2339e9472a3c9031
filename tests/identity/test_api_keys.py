"""Keys that follow a role, and keys that hold what they name."""

from __future__ import annotations

import pytest

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.permissions import Permission
from kassa.identity import permissions
from kassa.identity.domain.api_keys import build_key_rights, create_api_key
from kassa.identity.enums import Role
from kassa.identity.permissions import ROLE_PERMISSIONS
from tests.support.api_client import ApiClient
from tests.support.factories import make_key, make_organization

pytestmark = pytest.mark.django_db


def test_key_of_a_role_gains_what_the_role_gains(monkeypatch: pytest.MonkeyPatch) -> None:
    organization = make_organization()
    followed = create_api_key(
        CommandContext.system(organization.id, now=utc_now()), name="A", role=Role.ANALYST
    ).key
    named = create_api_key(
        CommandContext.system(organization.id, now=utc_now()), name="B", scopes=ROLE_PERMISSIONS[Role.ANALYST]
    ).key
    wider = {**ROLE_PERMISSIONS, Role.ANALYST: ROLE_PERMISSIONS[Role.ANALYST] | {Permission.MEMBER_READ}}

    monkeypatch.setattr(permissions, "ROLE_PERMISSIONS", wider)

    assert Permission.MEMBER_READ in build_key_rights(followed)
    assert Permission.MEMBER_READ not in build_key_rights(named)


def test_rights_that_no_longer_exist_give_none() -> None:
    organization = make_organization()
    key = create_api_key(
        CommandContext.system(organization.id, now=utc_now()), name="A", scopes=["offer:read"]
    ).key
    key.scopes = ["offer:read", "offer:steal"]

    assert build_key_rights(key) == {Permission.OFFER_READ}


def test_api_shows_which_role_a_key_follows() -> None:
    api = ApiClient(make_key(make_organization()))

    followed = api.post("/api/v1/api-keys", {"name": "A", "role": "analyst"}).json()
    named = api.patch(f"/api/v1/api-keys/{followed['id']}", {"scopes": ["offer:read"]}).json()
    again = api.patch(f"/api/v1/api-keys/{followed['id']}", {"role": "support"}).json()
    renamed = api.patch(f"/api/v1/api-keys/{followed['id']}", {"name": "Help desk"}).json()

    assert (followed["role"], followed["scopes"]) == ("analyst", sorted(ROLE_PERMISSIONS[Role.ANALYST]))
    assert (named["role"], named["scopes"]) == (None, ["offer:read"])
    assert (again["role"], again["scopes"]) == ("support", sorted(ROLE_PERMISSIONS[Role.SUPPORT]))
    assert (renamed["role"], renamed["name"]) == ("support", "Help desk")


@pytest.mark.parametrize("body", [{"name": "A"}, {"name": "A", "role": "owner", "scopes": []}])
def test_key_is_made_either_for_a_role_or_for_scopes(body: dict[str, object]) -> None:
    answer = ApiClient(make_key(make_organization())).post("/api/v1/api-keys", body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "scopes")
