"""Orders name only what their own organisation sells; the desk places them on its own connections."""

from __future__ import annotations

import pytest

from kassa.core.ids import new_id
from kassa.orders.models import Order
from tests.contract.bodies import AT_THE_DESK, CUSTOMER, answer_without, as_json
from tests.contract.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def strangers() -> World:
    return make_world()


@pytest.mark.parametrize("reference", AT_THE_DESK)
def test_order_names_nobody_elses_object(reference: str, world: World, strangers: World) -> None:
    method, path, _ = reference.split(" ")
    kind, make = AT_THE_DESK[reference]
    url = f"/api/v1{path.format(**world.ids)}"
    answers = []
    for wanted in (strangers.id_of(kind), new_id()):
        answer = world.api.call(method, url, as_json(make(world, wanted)))
        answers.append(answer_without(answer, wanted))
    assert answers[0] == answers[1]
    assert answers[0][0] in {409, 422}
    control = world.api.call(method, url, as_json(make(world, world.id_of(kind))))
    assert control.status_code == 201, control.content


def test_coupon_of_another_organisation_is_unknown(world: World, strangers: World) -> None:
    body = {"lines": [{"ticket_type": str(world.standing)}], "customer": CUSTOMER}
    answers = []
    for code in (strangers.coupon_code, "C00000000"):
        answer = world.api.post("/api/v1/orders", {**body, "coupon": code})
        answers.append((answer.status_code, answer.content.replace(code.encode(), b"<code>")))
    assert answers[0] == answers[1]
    assert b'"coupon_unknown"' in answers[0][1]
    assert Order.objects.of(strangers.organization.id).count() == 1


def test_one_idempotency_key_is_two_orders_in_two_organisations(world: World, strangers: World) -> None:
    answers = [
        one.api.order({"ticket_type": str(one.standing)}, key="the same") for one in (world, strangers)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert "Idempotent-Replayed" not in answers[1]
