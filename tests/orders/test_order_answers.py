"""What was answered once for an order is changed later, by the same rules."""

from __future__ import annotations

from typing import Any

import pytest

from kassa.catalog.domain.questions import delete_question
from kassa.catalog.errors import AnswerInvalid, AnswerMissing
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import NotFound
from kassa.orders.domain.answers import change_order_answers
from kassa.orders.models import Order, Upload
from tests.support.factories import line, make_question, make_upload
from tests.support.sale_world import World, sale_state


def change(world: World, order_id: Any, of: World | None = None, **given: Any) -> dict[str, Any]:
    document = change_order_answers((of or world).context(), order_id, given=given)
    answers: dict[str, Any] = document["answers"]
    return answers


def test_an_answer_is_changed_taken_back_and_told(world: World) -> None:
    make_question(world.event, scope="order")
    make_question(world.event, "song", scope="order")
    make_question(world.event, "size")
    order_id = world.place(line(world.standing), answers={"access": "A ramp"}).id
    assert change(world, order_id, song=" Ode ") == {"access": "A ramp", "song": "Ode"}
    assert change(world, order_id, song="Ode") == {"access": "A ramp", "song": "Ode"}
    assert change(world, order_id, access=None) == {"song": "Ode"}
    assert Order.unscoped.get().answers == {"song": "Ode"}
    assert world.told(Order.unscoped.get()).count("order.answers_changed") == 2


def test_what_is_refused_changes_nothing(world: World) -> None:
    make_question(world.event, scope="order", is_required=True)
    make_question(world.event, "size")
    order_id = world.place(line(world.standing), answers={"access": "A ramp"}).id
    before = sale_state()
    refused: list[tuple[type[Exception], dict[str, Any]]] = [
        (AnswerMissing, {"access": ""}),
        (AnswerInvalid, {"access": "a\x00"}),
        (AnswerInvalid, {"size": "M"}),
        (AnswerInvalid, {"access": "None", "unheard_of": "x"}),
    ]
    for error, given in refused:
        with pytest.raises(error):
            change(world, order_id, **given)
    with pytest.raises(NotFound):
        change(world, order_id, of=World(), access="No")
    assert sale_state() == before


def test_an_answer_that_is_not_asked_for_any_more_is_only_taken_back(world: World) -> None:
    question = make_question(world.event, scope="order")
    order_id = world.place(line(world.standing), answers={"access": "A ramp"}).id
    delete_question(CommandContext.system(world.organization.id, now=utc_now()), question.id)
    with pytest.raises(AnswerInvalid):
        change(world, order_id, access="Two ramps")
    assert change(world, order_id, access=None) == {}


def test_a_file_is_replaced_by_one_that_is_free(world: World) -> None:
    make_question(world.event, "form", kind="file", scope="order")
    first, second, taken = (make_upload(world.organization) for _ in range(3))
    order_id = world.place(line(world.standing), answers={"form": str(first.id)}).id
    world.place(line(world.standing), answers={"form": str(taken.id)}, email="bob@example.com")
    assert change(world, order_id, form=str(second.id)) == {"form": str(second.id)}
    assert change(world, order_id, form=str(first.id)) == {"form": str(first.id)}
    with pytest.raises(AnswerInvalid):
        change(world, order_id, form=str(taken.id))
    owners = dict(Upload.unscoped.values_list("id", "order_id"))
    assert (owners[first.id], owners[second.id]) == (order_id, order_id)
