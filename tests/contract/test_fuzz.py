"""Whatever is sent, valid or not, the answer is one that the description has.

``KASSA_FUZZ_EXAMPLES`` and ``KASSA_FUZZ_SEED`` ask for more requests, and for others.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from kassa.wsgi import application
from tests.contract.document import document
from tests.contract.operations import NAMES, OPERATIONS, PREFIX, Operation
from tests.contract.world import World, make_world
from tests.support.flush import KeptRows, flush

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

EXAMPLES = int(os.environ.get("KASSA_FUZZ_EXAMPLES", "6"))
SEED = int(os.environ.get("KASSA_FUZZ_SEED", "1"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]

schema = schemathesis.openapi.from_dict(document())
schema.app = application


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[World, KeptRows]]:
    """Build the world once; each test starts from the rows it had then."""
    with django_db_blocker.unblock():
        flush()
        world, rows = make_world(), KeptRows()
        flush()
        yield world, rows
        rows.drop()


@pytest.fixture
def world(made: tuple[World, KeptRows], transactional_db: None) -> World:
    world, rows = made
    rows.put_back()
    return world


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_answers_are_described(operation: Operation, world: World) -> None:
    for mode in GenerationMode:
        check_answers(operation, mode, world)


def check_answers(operation: Operation, mode: GenerationMode, world: World) -> None:
    described = schema[f"{PREFIX}{operation.path}"][operation.method]
    # Its client says that it reads compressed answers, and does not when there is no network between.
    headers = {"Authorization": f"Bearer {world.api.secret}", "Accept-Encoding": "identity"}

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=described.as_strategy(generation_mode=mode), is_real=st.booleans())
    def answer(case: Any, is_real: bool) -> None:
        if is_real:
            ids = {name: str(world.ids[name]) for name in operation.parameters}
            case.path_parameters = {name: {**NAMES, **ids}[name] for name in case.path_parameters}
            case.body = with_real_ids(case.body, world)
        case.call_and_validate(headers=headers, checks=CHECKS)

    answer()


def with_real_ids(body: Any, world: World) -> Any:
    """Return a body in which every id of a known kind names an object there is."""
    real = real_ids(world)
    if isinstance(body, dict):
        return {
            name: named_anew(value, real[name]) if name in real else with_real_ids(value, world)
            for name, value in body.items()
        }
    if isinstance(body, list):
        return [with_real_ids(part, world) for part in body]
    return body


def real_ids(world: World) -> dict[str, list[str]]:
    ids = {name: [str(found)] for name, found in world.ids.items()}
    return {
        "ticket_type": [str(world.standing), str(world.seated), *ids["ticket_type_id"]],
        "product": ids["product_id"],
        "event": ids["event_id"],
        "events": ids["event_id"],
        "tax_rule": ids["tax_rule_id"],
        "shared_quotas": ids["quota_id"],
        "layout": ids["layout_id"],
        "item": ids["item_id"],
        "seats": [str(seat) for seat in world.seats],
        "tickets": ids["ticket_id"],
        "coupon": [world.coupon_code],
    }


def named_anew(value: Any, real: list[str]) -> Any:
    """Return a value with real ids in the place of ids; what is none stays."""
    if isinstance(value, list):
        return [named_anew(part, real[index % len(real) :]) for index, part in enumerate(value)]
    if not isinstance(value, str):
        return value
    try:
        return real[UUID(value).int % len(real)]
    except ValueError:
        return value
