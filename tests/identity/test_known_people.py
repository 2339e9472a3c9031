"""People are found by what clients name, in one query that reads what it needs and no more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from kassa.core.database import Statements, statements
from kassa.identity.known_people import KnownPerson, find_people
from tests.sales.people import make_person

BY_SUBJECT = "identity_linked_subject"


class Recorder(Statements):
    """Keeps what is run, and its plan when no table is read from end to end."""

    def __init__(self) -> None:
        super().__init__(connection.connection)
        self.plans: list[str] = []

    def queue(self, sql: str, parameters: Any = (), *, named: bool = False) -> Any:
        explained = super().queue(f"EXPLAIN {sql}", parameters)
        self.plans.append("\n".join(step for (step,) in explained))
        return super().queue(sql, parameters, named=named)


def find(
    database: Statements, *, user_ids: tuple[UUID, ...] = (), email: str = "", reference: str = ""
) -> list[KnownPerson]:
    return find_people(
        database,
        user_ids=user_ids,
        emails=[email] if email else [],
        references=[reference] if reference else [],
    )


@pytest.fixture
def recorder(db: None) -> Recorder:
    statements().queue("SET LOCAL enable_seqscan = off")
    return Recorder()


def test_a_reference_is_looked_up_in_an_index(recorder: Recorder) -> None:
    person, _ = make_person(), make_person()

    assert find(recorder, reference=person.references[0]) == [person]

    [plan] = recorder.plans
    assert f"using {BY_SUBJECT}" in plan or f"on {BY_SUBJECT}" in plan


def test_no_reference_is_looked_for_where_none_is_named(recorder: Recorder) -> None:
    person, other = make_person(), make_person()

    found = find(recorder, user_ids=(other.user_id,), email=person.emails[1])

    assert sorted(found, key=lambda one: one.emails) == sorted([person, other], key=lambda one: one.emails)
    [plan] = recorder.plans
    assert BY_SUBJECT not in plan
    assert "l.subject = ANY" not in plan


@pytest.mark.parametrize("name", ["user_ids", "email", "reference"])
def test_each_thing_alone_leads_to_its_person(db: None, name: str) -> None:
    person, _ = make_person(), make_person()
    asked: dict[str, Any] = {
        "user_ids": (person.user_id,),
        "email": person.emails[0],
        "reference": person.references[0],
    }

    assert find(statements(), **{name: asked[name]}) == [person]
