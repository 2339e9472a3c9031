"""Nobody sees, changes or refers to another organisation's objects, or learns that they exist."""

from __future__ import annotations

from functools import cache

import pytest
from django.apps import apps
from django.db import connection

from kassa.catalog.models import Event
from kassa.core.ids import new_id
from kassa.organizations.models import Organization
from tests.contract.bodies import AT_THE_DESK, BODIES, NOBODYS, REFERENCES, answer_without, as_json
from tests.contract.document import ids_in_bodies
from tests.contract.operations import NAMES, OPERATIONS, PREFIX, WITH_ID, Operation
from tests.contract.world import World

pytestmark = pytest.mark.django_db

READS = [one for one in OPERATIONS if one.method == "GET"]


@pytest.mark.parametrize("operation", WITH_ID, ids=str)
def test_each_parameter_has_an_object(operation: Operation, world: World) -> None:
    assert set(operation.parameters) <= world.ids.keys()


@pytest.mark.parametrize("operation", WITH_ID, ids=str)
def test_object_of_another_organisation_is_not_there(
    operation: Operation, world: World, strangers: World
) -> None:
    make = BODIES.get(str(operation))
    body = make(world) if make else {} if operation.method in {"POST", "PUT", "PATCH"} else None
    for parameter in operation.parameters:
        answers = []
        for wanted in (strangers.ids[parameter], new_id()):
            answer = world.api.call(operation.method, operation.url({**world.ids, parameter: wanted}), body)
            answers.append(answer_without(answer, wanted))
        assert answers[0] == answers[1]
        assert answers[0][0] == 404
        assert b'"not_found"' in answers[0][1]


@pytest.mark.parametrize("operation", [one for one in WITH_ID if one.method != "GET"], ids=str)
def test_object_of_another_organisation_stays_as_it_is(
    operation: Operation, world: World, strangers: World
) -> None:
    make = BODIES.get(str(operation))
    before = rows_of(strangers)
    world.api.call(operation.method, operation.url({**strangers.ids}), make(strangers) if make else {})
    assert rows_of(strangers) == before


def test_control_any_change_is_seen(world: World, strangers: World) -> None:
    before = rows_of(strangers)
    Event.objects.of(strangers.organization.id).filter(id=strangers.event.id).update(title="Other")
    after = rows_of(strangers)

    assert [one for one, other in zip(before, after, strict=True) if one != other] == [
        one for one in before if one[0] == Event._meta.db_table
    ]


def rows_of(world: World) -> list[tuple[str, str]]:
    """Return what tells every row of an organisation apart, but for when its own key was last used."""
    with connection.cursor() as cursor:
        cursor.execute(_all_rows(), {"organization": world.organization.id})
        return list(cursor.fetchall())


@cache
def _all_rows() -> str:
    told = [
        (model._meta.db_table, "id" if model is Organization else "organization_id")
        for model in apps.get_models()
        if model is Organization or any(field.attname == "organization_id" for field in model._meta.fields)
    ]
    return " UNION ALL ".join(
        f"""SELECT '{table}', md5(coalesce(string_agg(row, E'\\n' ORDER BY row), ''))
        FROM (SELECT (to_jsonb(one) - 'last_used_at')::text AS row FROM "{table}" AS one
              WHERE {column} = %(organization)s) AS rows"""
        for table, column in sorted(told)
    )


@pytest.mark.parametrize("operation", READS, ids=str)
def test_reading_shows_nothing_of_another_organisation(
    operation: Operation, world: World, strangers: World
) -> None:
    text = world.api.get(operation.url({**world.ids})).content.decode(errors="replace")
    assert [one for one in strangers.all_ids if str(one) in text] == []
    assert any(str(one) in text for one in world.all_ids) or operation.path in NAMES_NOTHING


NAMES_NOTHING = {
    "/organization/domain",
    "/orders/{order_id}/history",
    "/orders/{order_id}/tracking",
    "/ledger/balances",
    "/message-templates",
    "/message-templates/{message_kind}/{language}",
    "/uploads/{upload_id}",
    "/orders/{order_id}/tickets.pdf",
    "/orders/{order_id}/invoice.pdf",
    "/orders/{order_id}/refunds/{refund_id}/credit-note.pdf",
    "/invoices/{invoice_id}/invoice.pdf",
    "/tickets/{ticket_id}/ticket.pdf",
    "/tickets/{ticket_id}/pass.pkpass",
    "/tickets/{ticket_id}/google-wallet",
    "/ticket-designs/default",
    "/ticket-designs/default/preview.pdf",
    "/events/{event_id}/ticket-design/preview.pdf",
    "/wallet-accounts",
    "/wallet-accounts/{wallet}",
    "/checkin-lists/{list_id}/search",
}
"""Their answers have no id of the objects above."""


@pytest.mark.parametrize(
    "question", ["orders?event={event_id}", "products?event={event_id}", "transactions?order={order_id}"]
)
def test_filter_by_anothers_object_finds_nothing(world: World, strangers: World, question: str) -> None:
    answer = world.api.get(f"{PREFIX}/{question.format(**strangers.ids)}")
    assert answer.json() == {"items": [], "next": None}


def test_each_id_in_a_body_is_looked_at() -> None:
    assert ids_in_bodies() == REFERENCES.keys() | AT_THE_DESK.keys() | NOBODYS.keys()


@pytest.mark.parametrize("reference", REFERENCES)
def test_body_refers_to_nobody_elses_object(reference: str, world: World, strangers: World) -> None:
    method, path, _ = reference.split(" ")
    kind, make = REFERENCES[reference]
    url = f"{PREFIX}{path.format(**NAMES, **world.ids)}"
    answers = []
    for wanted in (strangers.id_of(kind), new_id()):
        answer = world.api.call(method, url, as_json(make(world, wanted)))
        answers.append(answer_without(answer, wanted))
    assert answers[0] == answers[1]
    assert answers[0][0] in {404, 409, 422}
    control = world.api.call(method, url, as_json(make(world, world.id_of(kind))))
    assert control.status_code in {200, 201}, control.content
