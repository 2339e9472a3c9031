"""The pages on which people answer invitations, leave organisations and hand them over."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.log import HideSecretLinks
from kassa.identity.domain.invitations import invite_member, revoke_invitation
from kassa.identity.enums import Role
from kassa.identity.models import Invitation, Membership
from kassa.identity.queries import members_of
from kassa.organizations.models import Organization
from kassa.storefront.account.tasks import write_invitation
from tests.storefront.account.test_person import let_time_pass
from tests.storefront.account.visitor import PASSWORD, Visitor, code_for, letters_to, make_person, signed_in
from tests.storefront.pages import text_of
from tests.support.api_client import ApiClient
from tests.support.factories import make_key, make_organization
from tests.support.members import join

pytestmark = pytest.mark.django_db(transaction=True)
ADA = "ada@example.com"
LINK = re.compile(r"http://\S+(/account/invitations/[\w-]+/)")


def invite(organization: Organization, email: str = ADA, role: str = "support", **body: Any) -> str:
    """Invite over the API, let the worker write the mail, and return the path of the link in it."""
    api = ApiClient(make_key(organization))
    answer = api.post("/api/v1/members", {"email": email, "role": role, **body})
    assert answer.status_code == 202, answer.content
    [job] = ProcrastinateJob.objects.filter(task_name="kassa.write_invitation").order_by("-id")[:1]
    write_invitation(**job.args)
    found = LINK.search(letters_to(email)[0].text)
    assert found
    return found[1]


def test_new_person_signs_up_and_accepts() -> None:
    hall = make_organization()
    path = invite(hall)
    visitor = Visitor()

    page = visitor.get(path)
    assert "Harbour Hall invites you" in text_of(page)
    assert "a…@example.com" in text_of(page)
    [signup] = re.findall(r'href="(/account/signup/\?next=[^"]+)"', page.content.decode())
    visitor.send(signup, name="Ada", email=ADA, password1=PASSWORD, next=path)
    page = visitor.send("/account/confirm-email/", code=code_for(ADA))
    assert page.request["PATH_INFO"] == path
    page = visitor.send(path, answer="accept")

    assert "You are a member of Harbour Hall now." in text_of(page)
    [member] = members_of(hall.id)
    assert (member.user.email, member.role) == (ADA, "support")
    assert visitor.get(path).status_code == 410


def test_person_with_an_account_signs_in_and_accepts() -> None:
    hall = make_organization()
    make_person()
    path = invite(hall, role="owner")
    visitor = Visitor()

    answer = visitor.post(path, {"answer": "accept"})
    assert answer["Location"].startswith("/account/login/?next=")
    page = visitor.send(answer["Location"], login=ADA, password=PASSWORD, next=path)
    assert page.request["PATH_INFO"] == path
    visitor.send(path, answer="accept")

    assert members_of(hall.id).get().role == "owner"


def test_mail_is_written_in_the_language_that_is_asked_for() -> None:
    invite(make_organization(), language="fr", name="Ada Lovelace")

    [letter] = letters_to(ADA)
    assert letter.subject == "Harbour Hall vous invite"
    assert letter.text.startswith("Bonjour Ada Lovelace,")
    assert "Assistance" in letter.text
    assert "/account/invitations/" in letter.html


def test_mail_is_not_written_once_the_invitation_has_ended() -> None:
    hall = make_organization()
    invitation, _ = invite_member(
        CommandContext(Actor.system(hall.id), utc_now()), email=ADA, role=Role.SUPPORT
    )
    revoke_invitation(CommandContext(Actor.system(hall.id), utc_now()), invitation.id)

    [job] = ProcrastinateJob.objects.filter(task_name="kassa.write_invitation").order_by("-id")[:1]
    write_invitation(**job.args)

    assert letters_to(ADA) == []
    assert ADA not in str(job.args)


def test_link_alone_declines() -> None:
    hall = make_organization()
    path = invite(hall)

    page = Visitor().send(path, answer="decline")

    assert "Invitation declined" in text_of(page)
    assert Invitation.objects.of(hall.id).get().status == "declined"
    assert not members_of(hall.id).exists()


def test_another_person_who_has_the_link_does_not_accept() -> None:
    hall = make_organization()
    path = invite(hall)
    eve = signed_in(make_person("eve@example.com"))

    page = eve.get(path)
    refused = eve.send(path, answer="accept")

    assert ADA not in page.content.decode()
    assert "The invitation is for a…@example.com" in text_of(page)
    assert refused.status_code == 403
    assert not members_of(hall.id).exists()


def test_other_sites_form_accepts_nothing() -> None:
    hall = make_organization()
    path = invite(hall)
    visitor = signed_in(make_person())
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = visitor.cookies

    assert strict.post(path, {"answer": "accept"}).status_code == 403
    assert not members_of(hall.id).exists()
    assert visitor.post(path, {"answer": "accept"}).status_code == 302


@pytest.mark.parametrize("path", ["/account/invitations/x/", "/account/invitations/" + "A" * 43 + "/"])
def test_made_up_link_leads_nowhere(path: str) -> None:
    assert Visitor().get(path).status_code == 404
    assert Visitor().post(path, {"answer": "decline"}).status_code == 404


def test_secret_of_the_link_stands_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    path = invite(make_organization())
    with caplog.filtering(HideSecretLinks()):
        logging.getLogger("django.request").error("Not so: %s", path)

    assert path.split("/")[3] not in caplog.text


def test_open_invitations_stand_in_the_account() -> None:
    hall, club = make_organization(), make_organization()
    invite(hall)
    invite(club)
    visitor = signed_in(make_person())
    page = visitor.get("/account/organizations/")
    assert text_of(page).count("Harbour Hall invites you") == 2
    ids = {one.organization_id: one.id for one in Invitation.unscoped.all()}

    joined = visitor.send("/account/organizations/", do="accept", invitation=str(ids[hall.id]))
    declined = visitor.send("/account/organizations/", do="decline", invitation=str(ids[club.id]))

    assert "You are a member of Harbour Hall now." in text_of(joined)
    assert "You have declined the invitation." in text_of(declined)
    assert members_of(hall.id).count() == 1
    assert not members_of(club.id).exists()


def test_nobody_answers_anothers_invitation_by_its_id() -> None:
    hall = make_organization()
    invite(hall)
    eve = signed_in(make_person("eve@example.com"))
    [invitation] = Invitation.objects.of(hall.id)

    for deed in ("accept", "decline"):
        page = eve.send("/account/organizations/", do=deed, invitation=str(invitation.id))
        assert page.status_code == 404

    invitation.refresh_from_db()
    assert invitation.status == "open"


def test_member_leaves() -> None:
    hall = make_organization()
    join(hall.id, "owner@example.com", Role.OWNER)
    join(hall.id, ADA, Role.SUPPORT)
    visitor = signed_in(Membership.objects.of(hall.id).get(user__email=ADA).user)

    page = visitor.send("/account/organizations/", do="leave", organization=str(hall.id))

    assert "You have left the organisation." in text_of(page)
    assert members_of(hall.id).count() == 1


def test_last_owner_hands_over_before_leaving() -> None:
    hall = make_organization()
    owner = join(hall.id, ADA, Role.OWNER)
    other = join(hall.id, "grace@example.com", Role.SUPPORT)
    visitor = signed_in(owner.user)

    refused = visitor.send("/account/organizations/", do="leave", organization=str(hall.id))
    assert refused.status_code == 409
    assert "You are the last owner." in text_of(refused)
    hand_over = {"do": "hand_over", "organization": str(hall.id), "member": str(other.id)}
    let_time_pass()
    asked = visitor.send("/account/organizations/", **hand_over)
    assert "Is it you?" in text_of(asked)
    visitor.send("/account/confirm/?next=/account/organizations/", do="send")
    visitor.send("/account/confirm/?next=/account/organizations/", do="confirm", code=code_for(ADA))
    handed = visitor.send("/account/organizations/", **hand_over)
    left = visitor.send("/account/organizations/", do="leave", organization=str(hall.id))

    assert "You have handed over" in text_of(handed)
    assert "You have left the organisation." in text_of(left)
    assert members_of(hall.id).get().role == "owner"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"do": "leave"},
        {"do": "leave", "organization": "x"},
        {"do": "hand_over", "organization": "01a22cce-2b6f-70ad-b7f7-d5d78eb0a87b"},
        {"do": "accept", "invitation": "\x00"},
    ],
    ids=str,
)
def test_form_that_is_none_is_a_sentence(form: dict[str, str]) -> None:
    page = signed_in(make_person()).send("/account/organizations/", **form)

    assert page.status_code == 404
    assert "That is no longer possible." in text_of(page)
