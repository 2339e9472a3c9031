"""Each operation with each role's key: allowed if and only if the role's permissions say so."""

from __future__ import annotations

from typing import Any

import pytest

from kassa.core.permissions import Permission
from kassa.identity.enums import Role
from kassa.identity.permissions import ROLE_PERMISSIONS
from tests.contract.operations import CLOSED, OPEN, OPERATIONS, Operation
from tests.contract.world import World, key_of
from tests.support.api_client import ApiClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys_stay_known")]

HOLDERS: dict[str, frozenset[Permission]] = {
    **{role.value: permissions for role, permissions in ROLE_PERMISSIONS.items()},
    "without scopes": frozenset(),
}


@pytest.fixture(scope="module")
def keys(world: World) -> dict[str, ApiClient]:
    return {holder: key_of(world.organization, permissions) for holder, permissions in HOLDERS.items()}


def call(api: ApiClient, operation: Operation, world: World) -> Any:
    """Call it with real ids and an empty object for a body, which most operations refuse."""
    body: dict[str, Any] | None = {} if operation.method in {"POST", "PUT", "PATCH"} else None
    return api.call(operation.method, operation.url({**world.ids}), body)


@pytest.mark.parametrize("operation", CLOSED, ids=str)
def test_operation_names_its_permission(operation: Operation) -> None:
    assert operation.permission is not None


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("operation", CLOSED, ids=str)
def test_operation_is_open_to(
    operation: Operation, holder: str, world: World, keys: dict[str, ApiClient]
) -> None:
    answer = call(keys[holder], operation, world)
    if {operation.permission, operation.or_else} & HOLDERS[holder]:
        assert answer.status_code not in {401, 403, 404, 405}, answer.content
    else:
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (403, "permission_missing")
        assert problem["permission"] == operation.permission


@pytest.mark.parametrize("operation", CLOSED, ids=str)
def test_operation_asks_for_a_key(operation: Operation, world: World) -> None:
    for secret, code in (("", "key_missing"), ("kassa_0123456789_nobodys", "key_invalid")):
        answer = call(ApiClient(secret), operation, world)
        assert (answer.status_code, answer.json()["code"]) == (401, code)
        assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic abc", "bearer\u00a0x", "Bearer \u00e9\u00ff", "Bearer " + "x" * 10_000],
)
def test_header_that_is_no_key(world: World, header: str) -> None:
    answer = world.api.call("GET", "/api/v1/organization", HTTP_AUTHORIZATION=header)
    assert answer.status_code == 401
    assert answer.json()["code"] in {"key_missing", "key_invalid"}


def test_owner_may_do_everything_and_nobody_else() -> None:
    assert ROLE_PERMISSIONS[Role.OWNER] == frozenset(Permission)
    assert all(ROLE_PERMISSIONS[role] < frozenset(Permission) for role in Role if role != Role.OWNER)


def test_operations_that_ask_for_no_key_are_known() -> None:
    assert {str(operation) for operation in OPERATIONS if operation.permission is None} == OPEN


def test_each_permission_opens_something() -> None:
    assert {operation.permission for operation in CLOSED} == set(Permission)
