"""No operation that reads no body takes one with something in it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.document import described
from tests.contract.operations import OPERATIONS, PREFIX, Operation
from tests.contract.world import World

DESCRIPTIONS = {f"{method} {path.removeprefix(PREFIX)}": one for method, path, one in described()}
BODILESS = [one for one in OPERATIONS if one.method != "GET" and "requestBody" not in DESCRIPTIONS[str(one)]]


@pytest.mark.django_db
@pytest.mark.usefixtures("keys_stay_known")
@pytest.mark.parametrize("operation", BODILESS, ids=str)
@pytest.mark.parametrize("body", [{"dry_run": True}, [], "x", 1, False])
def test_body_is_refused(operation: Operation, body: Any, world: World) -> None:
    answer = world.api.call(operation.method, operation.url({**world.ids}), body)

    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"] == [
        {"field": "body", "message": "This operation takes no body. Leave it out."}
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("keys_stay_known")
@pytest.mark.parametrize("operation", BODILESS, ids=str)
def test_empty_object_is_no_body(operation: Operation, world: World) -> None:
    answer = world.api.call(operation.method, operation.url({**world.ids}), {})

    assert answer.status_code != 422 or "body" not in str(answer.json().get("errors"))
