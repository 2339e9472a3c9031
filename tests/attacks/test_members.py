"""An organisation learns nothing of people whom it names, and holds nobody."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kassa.core.clock import utc_now
from kassa.identity.domain.people import see_person
from kassa.identity.enums import Role
from kassa.identity.models import Invitation, Membership, User
from kassa.privacy.erase import erase_person
from kassa.privacy.errors import OnlyOwner
from tests.support.api_client import ApiClient
from tests.support.factories import make_key, make_organization
from tests.support.members import join, make_user

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN = "ada@example.org", "zoe@example.org"


@pytest.fixture
def ada() -> User:
    """Ada has an account and was here lately."""
    user = make_user(KNOWN, name="Ada Lovelace")
    see_person(user, now=utc_now())
    return user


@pytest.fixture
def api() -> ApiClient:
    return ApiClient(make_key(make_organization()))


def all_answers(api: ApiClient) -> bytes:
    """Return all that an organisation can read of its members and invitations."""
    paths = ("members", "invitations", "security-events")
    return b"".join(api.get(f"/api/v1/{path}").content for path in paths)


def test_invitation_tells_nothing_of_the_person(ada: User, api: ApiClient) -> None:
    invited = api.post("/api/v1/members", {"email": KNOWN, "role": "support"})

    seen = invited.content + all_answers(api)
    assert b"Lovelace" not in seen
    assert str(ada.id).encode() not in seen
    assert b"last_active_at" not in seen
    assert not Membership.unscoped.filter(user=ada).exists()


def test_control_accepted_it_shows_who_works_there(ada: User) -> None:
    organization = make_organization()
    join(organization.id, KNOWN, Role.SUPPORT)

    seen = all_answers(ApiClient(make_key(organization)))

    assert b"Lovelace" in seen
    assert str(ada.id).encode() in seen


def test_whether_there_is_an_account_is_not_told(ada: User, api: ApiClient) -> None:
    answers: list[Any] = []
    api.get("/api/v1/members")  # a key's first call writes down when it was used
    for email in (KNOWN, UNKNOWN):
        with CaptureQueriesContext(connection) as queries:
            answer = api.post("/api/v1/members", {"email": email, "role": "support"})
        shown = {name: value for name, value in answer.json().items() if not name.endswith(("id", "at"))}
        statements = [one["sql"][:60] for one in queries if "SAVEPOINT" not in one["sql"]]
        answers.append((answer.status_code, {**shown, "email": ""}, sorted(answer.headers), statements))

    assert answers[0] == answers[1]
    assert not User.objects.filter(email=UNKNOWN).exists()


def test_decline_tells_nothing_of_the_person(ada: User, api: ApiClient) -> None:
    made = api.post("/api/v1/members", {"email": KNOWN, "role": "support"}).json()
    Invitation.unscoped.filter(id=made["id"]).update(status="declined", ended_at=utc_now())

    assert b"Lovelace" not in all_answers(api)


def test_no_organisation_keeps_a_person_from_erasing(ada: User, api: ApiClient) -> None:
    api.post("/api/v1/members", {"email": KNOWN, "role": "owner"})
    for role in (Role.ADMIN, Role.OWNER):
        other = make_organization()
        join(other.id, "owner@example.org", Role.OWNER)
        join(other.id, KNOWN, role)

    erase_person(ada, now=utc_now())

    assert not User.objects.filter(email=KNOWN).exists()
    assert not Membership.unscoped.filter(user_id=ada.id).exists()
    assert KNOWN.encode() not in all_answers(api)


def test_control_only_an_owner_without_another_waits(ada: User) -> None:
    join(make_organization().id, KNOWN, Role.OWNER)

    with pytest.raises(OnlyOwner):
        erase_person(ada, now=utc_now())


def test_no_mail_flood_to_one_address(api: ApiClient) -> None:
    made = api.post("/api/v1/members", {"email": KNOWN, "role": "support"}).json()
    answers = [api.post(f"/api/v1/invitations/{made['id']}/resend") for _ in range(8)]

    assert [one.status_code for one in answers] == [200] * 4 + [429] * 4
    assert answers[-1]["Retry-After"] == "3600"
    assert api.post("/api/v1/members", {"email": KNOWN, "role": "support"}).status_code == 409
