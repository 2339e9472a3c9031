"""Invitations: sent, sent again, revoked, accepted, declined, and over after a week."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import InvalidInput, NotFound
from kassa.core.languages import Language
from kassa.core.permissions import Permission
from kassa.identity.domain.accept_invitation import (
    accept_invitation,
    decline_invitation,
    find_invitation,
    list_invitations_to,
)
from kassa.identity.domain.api_keys import authenticate_api_key, revoke_api_key
from kassa.identity.domain.invitations import (
    MAILS_PER_DAY,
    MAILS_PER_INVITATION,
    PERIOD,
    hash_token,
    invite_member,
    resend_invitation,
    revoke_invitation,
)
from kassa.identity.enums import InvitationStatus, Role
from kassa.identity.errors import InvitationForAnother, InvitationOver, TooManyInvitations
from kassa.identity.models import Invitation, SecurityEvent, User
from kassa.identity.queries import members_of, rights_of
from tests.support.factories import make_key, make_organization
from tests.support.members import join, make_user

pytestmark = pytest.mark.django_db
NOW = utc_now()
ADA = "ada@example.org"


def invite(
    organization_id: UUID, email: str = ADA, *, actor: Actor | None = None, role: Role = Role.SUPPORT
) -> tuple[Invitation, str]:
    return invite_member(CommandContext(actor or Actor.system(organization_id), NOW), email=email, role=role)


def test_membership_begins_with_the_acceptance() -> None:
    hall = make_organization(default_language="fr")
    invitation, token = invite_member(
        CommandContext(Actor.system(hall.id), NOW),
        email=" ADA@Example.ORG ",
        role=Role.SUPPORT,
        extra_permissions=[Permission.MEMBER_READ],
    )
    assert (invitation.email, invitation.language) == (ADA, Language.FRENCH)
    assert not members_of(hall.id).exists()
    assert not User.objects.filter(email=ADA).exists()

    member = accept_invitation(
        CommandContext.system(hall.id, now=NOW), find_invitation(token).id, user=make_user(ADA)
    )

    assert (member.role, member.permissions) == (Role.SUPPORT, [Permission.MEMBER_READ])
    assert Permission.MEMBER_READ in rights_of(member)
    invitation.refresh_from_db()
    assert (invitation.status, invitation.ended_at) == (InvitationStatus.ACCEPTED, NOW)


def test_secret_of_the_link_is_stored_as_a_hash() -> None:
    invitation, token = invite(make_organization().id)

    assert bytes(invitation.token_hash) == hash_token(token)
    assert token not in str(Invitation.unscoped.values().get())
    with pytest.raises(NotFound):
        find_invitation(token[:-1])


@pytest.mark.parametrize(
    "email", ["", "ada", "@example.org", "ada@", "a b@example.org", "a" * 250 + "@x.org"]
)
def test_what_is_no_address_is_refused(email: str) -> None:
    hall = make_organization()
    with pytest.raises(InvalidInput):
        invite(hall.id, email)
    assert not Invitation.objects.of(hall.id).exists()


def test_invitation_is_over_after_a_week_and_bars_no_new_one() -> None:
    hall = make_organization()
    invitation, _ = invite(hall.id)
    ada, late = make_user(ADA), NOW + PERIOD

    assert [one.id for one in list_invitations_to(ada, now=NOW)] == [invitation.id]
    with pytest.raises(InvitationOver):
        accept_invitation(CommandContext.system(hall.id, now=late), invitation.id, user=ada)
    assert list_invitations_to(ada, now=late) == []
    assert invitation.status_at(late) == InvitationStatus.EXPIRED
    again, _ = invite_member(CommandContext(Actor.system(hall.id), late), email=ADA, role=Role.SUPPORT)

    assert (
        accept_invitation(CommandContext.system(hall.id, now=late), again.id, user=ada).role == Role.SUPPORT
    )
    invitation.refresh_from_db()
    assert invitation.status == InvitationStatus.EXPIRED


def test_sending_again_ends_the_earlier_link() -> None:
    hall = make_organization()
    invitation, first = invite(hall.id)
    late = NOW + PERIOD + timedelta(days=1)

    again, second = resend_invitation(CommandContext(Actor.system(hall.id), late), invitation.id)

    assert (again.times_sent, again.expires_at) == (2, late + PERIOD)
    assert find_invitation(second).id == invitation.id
    with pytest.raises(NotFound):
        find_invitation(first)
    assert accept_invitation(CommandContext.system(hall.id, now=late), invitation.id, user=make_user(ADA))


@pytest.mark.parametrize("end", ["revoke", "decline", "accept"])
def test_what_has_ended_stays_so(end: str) -> None:
    hall = make_organization()
    invitation, _ = invite(hall.id)
    operator, ada = Actor.system(hall.id), make_user(ADA)
    match end:
        case "revoke":
            for _ in range(2):
                revoke_invitation(CommandContext(operator, NOW), invitation.id)
        case "decline":
            for _ in range(2):
                decline_invitation(CommandContext.system(hall.id, now=NOW), invitation.id)
        case _:
            accept_invitation(CommandContext.system(hall.id, now=NOW), invitation.id, user=ada)

    with pytest.raises(InvitationOver):
        accept_invitation(CommandContext.system(hall.id, now=NOW), invitation.id, user=ada)
    with pytest.raises(InvitationOver):
        resend_invitation(CommandContext(operator, NOW), invitation.id)
    if end != "decline":
        with pytest.raises(InvitationOver):
            decline_invitation(CommandContext.system(hall.id, now=NOW), invitation.id)
    if end != "revoke":
        with pytest.raises(InvitationOver):
            revoke_invitation(CommandContext(operator, NOW), invitation.id)


def test_mails_are_few() -> None:
    hall = make_organization()
    invitation, _ = invite(hall.id)
    for _ in range(MAILS_PER_INVITATION - 1):
        resend_invitation(CommandContext(Actor.system(hall.id), NOW), invitation.id)
    with pytest.raises(TooManyInvitations):
        resend_invitation(CommandContext(Actor.system(hall.id), NOW), invitation.id)
    for number in range(MAILS_PER_DAY - MAILS_PER_INVITATION):
        invite(hall.id, f"a{number}@example.org")
    with pytest.raises(TooManyInvitations):
        invite(hall.id, "one-more@example.org")
    tomorrow = NOW + timedelta(days=1)
    assert invite_member(
        CommandContext(Actor.system(hall.id), tomorrow), email="one-more@example.org", role=Role.SUPPORT
    )


def test_secondary_proven_address_will_do_and_an_unproven_one_will_not() -> None:
    hall = make_organization()
    invitation, _ = invite(hall.id, "ada@work.example")
    ada = make_user(ADA)
    EmailAddress.objects.create(user=ada, email="ada@work.example", verified=False)
    with pytest.raises(InvitationForAnother):
        accept_invitation(CommandContext.system(hall.id, now=NOW), invitation.id, user=ada)

    EmailAddress.objects.filter(email="ada@work.example").update(verified=True)

    assert (
        accept_invitation(CommandContext.system(hall.id, now=NOW), invitation.id, user=ada).user_id == ada.id
    )


def test_answers_stand_in_the_security_log() -> None:
    hall = make_organization()
    invitation, _ = invite(hall.id)
    resend_invitation(CommandContext(Actor.system(hall.id), NOW), invitation.id)
    accept_invitation(CommandContext.system(hall.id, now=NOW), invitation.id, user=make_user(ADA))
    invitation, _ = invite(hall.id, "bob@example.org")
    decline_invitation(CommandContext.system(hall.id, now=NOW), invitation.id)

    kinds = SecurityEvent.objects.of(hall.id).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == [
        "member.invited",
        "invitation.resent",
        "member.added",
        "member.invited",
        "invitation.declined",
    ]


def test_invitation_of_a_key_that_was_revoked_is_worth_nothing() -> None:
    hall = make_organization()
    key = authenticate_api_key(make_key(hall), now=NOW)
    assert key.id is not None
    kept, _ = invite(hall.id, ADA, actor=key)
    accept_invitation(CommandContext.system(hall.id, now=NOW), kept.id, user=make_user(ADA))
    stolen, _ = invite(hall.id, "eve@example.org", actor=key, role=Role.OWNER)

    revoke_api_key(CommandContext.system(hall.id, now=NOW), key.id)

    with pytest.raises(InvitationOver):
        accept_invitation(
            CommandContext.system(hall.id, now=NOW), stolen.id, user=make_user("eve@example.org")
        )
    assert [one.user.email for one in members_of(hall.id)] == [ADA]


def test_invitation_of_a_member_who_lost_the_right_is_worth_nothing() -> None:
    hall = make_organization()
    join(hall.id, "owner@example.org", Role.OWNER)
    admin = join(hall.id, "admin@example.org", Role.ADMIN)
    actor = Actor.member(hall.id, admin.user_id, rights_of(admin))
    invitation, _ = invite(hall.id, ADA, actor=actor, role=Role.ADMIN)

    admin.role = Role.ANALYST
    admin.save()

    with pytest.raises(InvitationOver):
        accept_invitation(CommandContext.system(hall.id, now=NOW), invitation.id, user=make_user(ADA))
