"""Questions and answers over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from kassa.organizations.models import Organization
from tests.support.api_client import ApiClient, make_api_client
from tests.support.factories import make_event, make_organization, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)

SIZE: dict[str, Any] = {
    "key": "size",
    "label": "T-shirt size",
    "kind": "choice",
    "options": ["Small", "Large"],
    "is_required": True,
    "translations": {"fr": {"label": "Taille", "options": ["Petit", "Grand"]}},
}


@pytest.fixture
def organization() -> Organization:
    return make_organization()


@pytest.fixture
def api(organization: Organization) -> ApiClient:
    return make_api_client(organization)


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_a_question_is_made_read_changed_and_deleted(organization: Organization, api: ApiClient) -> None:
    event = make_event(organization)
    adult = make_ticket_type(event)
    path = f"/api/v1/events/{event.id}/questions"

    made = api.post(path, {**SIZE, "ticket_types": [str(adult.id)]}, key="ask-1")
    assert made.status_code == 201, made.content
    assert api.post(path, {**SIZE, "ticket_types": [str(adult.id)]}, key="ask-1").json() == made.json()
    shown = made.json()
    assert {name: shown[name] for name in ("scope", "help_text", "max_length", "is_changeable")} == {
        "scope": "ticket",
        "help_text": "",
        "max_length": 1000,
        "is_changeable": True,
    }
    assert shown["translations"] == {
        "fr": {"label": "Taille", "help_text": "", "options": ["Petit", "Grand"]}
    }
    url = f"/api/v1/questions/{shown['id']}"
    assert api.get(url).json() == shown
    assert api.get(path).json() == {"items": [shown], "next": None}

    changed = api.patch(url, {"options": ["S", "M", "L"], "translations": {}, "ticket_types": []}).json()
    assert (changed["options"], changed["ticket_types"]) == (["S", "M", "L"], [])
    assert problem(api.patch(url, {"key": "other"}), 422)["code"] == "invalid_input"
    assert problem(api.post(path, SIZE), 409)["code"] == "already_exists"

    assert api.delete(url).status_code == 204
    assert problem(api.get(url), 404)["code"] == "not_found"


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "Size"},
        {"kind": "number"},
        {"options": []},
        {"options": ["S", "S"]},
        {"translations": {"de": {"label": "Größe"}}},
        {"translations": {"fr": {"options": ["P"]}}},
        {"ticket_types": ["00000000-0000-7000-8000-000000000000"]},
        {"label": None},
        {"options": None},
        {"sort_order": 2**40},
    ],
)
def test_a_question_of_a_wrong_shape_is_invalid(
    organization: Organization, api: ApiClient, wrong: dict[str, Any]
) -> None:
    event = make_event(organization)
    answer = api.post(f"/api/v1/events/{event.id}/questions", {**SIZE, **wrong})
    assert problem(answer, 422)["code"] == "invalid_input"


def test_an_order_answers_and_its_answers_change(organization: Organization, api: ApiClient) -> None:
    event = make_event(organization)
    adult = make_ticket_type(event)
    api.post(f"/api/v1/events/{event.id}/questions", SIZE)
    api.post(f"/api/v1/events/{event.id}/questions", {"key": "song", "label": "A song?", "scope": "order"})
    one = {"ticket_type": str(adult.id), "attendees": [{"fields": {"size": "Grand", "crm": 17}}]}

    missing = problem(api.order({"ticket_type": str(adult.id)}), 409)
    assert (missing["code"], missing["line"], missing["attendee"]) == ("answer_missing", 0, 0)
    invalid = problem(api.order({**one, "attendees": [{"fields": {"size": "Huge"}}]}), 409)
    assert (invalid["code"], invalid["options"]) == ("answer_invalid", ["Small", "Large"])

    placed = api.order(one, answers={"song": "Ode to Joy"}, key="answered")
    assert placed.status_code == 201, placed.content
    order = placed.json()
    assert order["answers"] == {"song": "Ode to Joy"}
    assert order["tickets"][0]["attendee"]["fields"] == {"crm": 17, "size": "Large"}
    assert api.order(one, answers={"song": "Ode to Joy"}, key="answered").json() == order
    other = api.order(one, answers={"song": "Another"}, key="answered")
    assert problem(other, 422)["code"] == "idempotency_key_reused"

    url = f"/api/v1/orders/{order['id']}"
    changed = api.patch(f"{url}/answers", {"answers": {"song": None}})
    assert (changed.status_code, changed.json()["answers"]) == (200, {})
    refused = problem(api.patch(f"{url}/answers", {"answers": {"size": "Small"}}), 409)
    assert (refused["code"], refused["question"]) == ("answer_invalid", "size")
    assert api.get(url).json()["answers"] == {}


def test_a_cart_answers_when_it_is_ordered(organization: Organization, api: ApiClient) -> None:
    event = make_event(organization)
    adult = make_ticket_type(event)
    api.post(f"/api/v1/events/{event.id}/questions", {**SIZE, "scope": "order"})
    cart = api.post("/api/v1/carts", {"lines": [{"ticket_type": str(adult.id)}]}).json()
    order = f"/api/v1/carts/{cart['id']}/order"
    customer = {"customer": {"email": "ada@example.com"}}

    assert problem(api.post(order, customer), 409)["code"] == "answer_missing"
    placed = api.post(order, {**customer, "answers": {"size": "Small"}})

    assert placed.status_code == 201, placed.content
    assert placed.json()["answers"] == {"size": "Small"}


def test_answers_are_as_long_as_one_may_write(organization: Organization, api: ApiClient) -> None:
    event = make_event(organization)
    adult = make_ticket_type(event)
    for nth in range(4):
        question = {"key": f"q{nth}", "label": "Why?", "max_length": 5000, "scope": "order"}
        assert api.post(f"/api/v1/events/{event.id}/questions", question).status_code == 201
    answers = {f"q{nth}": "é" * 5000 for nth in range(4)}
    placed = api.order({"ticket_type": str(adult.id)}, answers=answers)
    assert placed.status_code == 201, placed.content
    assert placed.json()["answers"] == answers
