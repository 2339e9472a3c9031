from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, connections, transaction

from kassa.core.actor import Actor, ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.errors import AlreadyExists, NotFound
from kassa.core.permissions import Permission
from kassa.identity.domain.accept_invitation import accept_invitation
from kassa.identity.domain.invitations import invite_member
from kassa.identity.domain.members import (
    change_member,
    hand_over_ownership,
    leave_organization,
    remove_member,
)
from kassa.identity.enums import Role
from kassa.identity.errors import InvitationOver, LastOwner, RightsBeyondOwn
from kassa.identity.models import Membership, User
from kassa.identity.permissions import ROLE_PERMISSIONS
from kassa.identity.queries import list_invitations, member_of, members_of, rights_of
from tests.api.shop import NOW, open_shop
from tests.support.members import join, make_user


def actor_with(organization_id: UUID, permissions: Iterable[Permission]) -> Actor:
    return Actor(organization_id, ActorKind.SYSTEM, None, frozenset(permissions))


def owner_of(organization_id: UUID) -> Actor:
    return actor_with(organization_id, Permission)


def add(organization_id: UUID, email: str, role: Role, actor: Actor | None = None) -> Membership:
    return join(organization_id, email, role, actor=actor, now=NOW)


@pytest.mark.django_db
def test_one_person_may_belong_to_several_organisations() -> None:
    first = add(open_shop().organization_id, "ada@example.org", Role.OWNER)
    second = add(open_shop().organization_id, "ADA@example.org", Role.SUPPORT)
    assert first.user_id == second.user_id


@pytest.mark.django_db
def test_a_person_is_a_member_once() -> None:
    organization_id = open_shop().organization_id
    add(organization_id, "ada@example.org", Role.OWNER)
    with pytest.raises(AlreadyExists):
        add(organization_id, "ADA@example.org", Role.SUPPORT)
    assert members_of(organization_id).get().role == Role.OWNER


@pytest.mark.django_db
@pytest.mark.parametrize("own", list(Role))
@pytest.mark.parametrize("granted", list(Role))
def test_nobody_grants_a_role_beyond_their_own_rights(own: Role, granted: Role) -> None:
    organization_id = open_shop().organization_id
    actor = actor_with(organization_id, ROLE_PERMISSIONS[own] | {Permission.MEMBER_WRITE})
    if ROLE_PERMISSIONS[granted] <= actor.permissions:
        assert add(organization_id, "ada@example.org", granted, actor).role == granted
        return
    with pytest.raises(RightsBeyondOwn):
        add(organization_id, "ada@example.org", granted, actor)
    assert not members_of(organization_id).exists()
    assert not list_invitations(organization_id).exists()


@pytest.mark.django_db
def test_nobody_grants_a_right_they_lack_beside_the_role() -> None:
    organization_id = open_shop().organization_id
    admin = actor_with(organization_id, ROLE_PERMISSIONS[Role.ADMIN])
    member = add(organization_id, "ada@example.org", Role.SUPPORT)
    changed = change_member(CommandContext(admin, NOW), member.id, extra_permissions=[Permission.MEMBER_READ])
    assert Permission.MEMBER_READ in rights_of(changed)
    with pytest.raises(RightsBeyondOwn):
        change_member(CommandContext(admin, NOW), member.id, extra_permissions=[Permission.API_KEY_WRITE])
    assert member_of(organization_id, member.id).permissions == [Permission.MEMBER_READ]


@pytest.mark.django_db
def test_an_admin_neither_demotes_nor_removes_an_owner() -> None:
    organization_id = open_shop().organization_id
    admin = actor_with(organization_id, ROLE_PERMISSIONS[Role.ADMIN])
    owners = [add(organization_id, f"{name}@example.org", Role.OWNER) for name in ("ada", "bob")]
    with pytest.raises(RightsBeyondOwn):
        change_member(CommandContext(admin, NOW), owners[0].id, role=Role.SUPPORT)
    with pytest.raises(RightsBeyondOwn):
        remove_member(CommandContext(admin, NOW), owners[0].id)
    assert members_of(organization_id).filter(role=Role.OWNER).count() == 2


@pytest.mark.django_db
def test_the_last_owner_stays() -> None:
    organization_id = open_shop().organization_id
    actor = owner_of(organization_id)
    ada = add(organization_id, "ada@example.org", Role.OWNER)
    add(organization_id, "bob@example.org", Role.ADMIN)
    with pytest.raises(LastOwner):
        change_member(CommandContext(actor, NOW), ada.id, role=Role.ADMIN)
    with pytest.raises(LastOwner):
        remove_member(CommandContext(actor, NOW), ada.id)
    with pytest.raises(LastOwner):
        leave_organization(CommandContext.system(organization_id, now=NOW), user=ada.user)
    change_member(CommandContext(actor, NOW), ada.id, role=Role.OWNER)
    add(organization_id, "cem@example.org", Role.OWNER)
    assert change_member(CommandContext(actor, NOW), ada.id, role=Role.ADMIN).role == Role.ADMIN
    remove_member(CommandContext(actor, NOW), ada.id)
    assert User.objects.filter(email="ada@example.org").exists()


@pytest.mark.django_db
def test_everybody_else_leaves_by_themselves() -> None:
    organization_id = open_shop().organization_id
    add(organization_id, "ada@example.org", Role.OWNER)
    for role in (Role.OWNER, Role.ADMIN, Role.SUPPORT):
        bob = add(organization_id, f"{role}@example.org", role)
        leave_organization(CommandContext.system(organization_id, now=NOW), user=bob.user)
    assert members_of(organization_id).count() == 1
    with pytest.raises(NotFound):
        leave_organization(CommandContext.system(organization_id, now=NOW), user=bob.user)


@pytest.mark.django_db
def test_ownership_is_handed_over() -> None:
    organization_id = open_shop().organization_id
    ada = add(organization_id, "ada@example.org", Role.OWNER)
    bob = add(organization_id, "bob@example.org", Role.ANALYST)

    hand_over_ownership(CommandContext.system(organization_id, now=NOW), user=ada.user, to_member_id=bob.id)

    roles = dict(members_of(organization_id).values_list("user__email", "role"))
    assert roles == {"ada@example.org": "admin", "bob@example.org": "owner"}
    leave_organization(CommandContext.system(organization_id, now=NOW), user=ada.user)
    with pytest.raises(NotFound):
        hand_over_ownership(
            CommandContext.system(organization_id, now=NOW), user=ada.user, to_member_id=bob.id
        )


@pytest.mark.django_db
def test_only_an_owner_hands_over_and_only_to_another_member() -> None:
    organization_id, theirs = open_shop().organization_id, open_shop().organization_id
    ada = add(organization_id, "ada@example.org", Role.OWNER)
    bob = add(organization_id, "bob@example.org", Role.ADMIN)
    stranger = add(theirs, "eve@example.org", Role.SUPPORT)
    for user, to in ((bob.user, bob.id), (bob.user, ada.id), (ada.user, ada.id), (ada.user, stranger.id)):
        with pytest.raises(NotFound):
            hand_over_ownership(CommandContext.system(organization_id, now=NOW), user=user, to_member_id=to)
    assert member_of(organization_id, ada.id).role == Role.OWNER


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM identity_membership WHERE organization_id = %s",
        "UPDATE identity_membership SET role = 'admin' WHERE organization_id = %s",
    ],
)
def test_the_database_itself_keeps_an_owner(statement: str) -> None:
    organization_id = open_shop().organization_id
    for name in ("ada", "bob"):
        add(organization_id, f"{name}@example.org", Role.OWNER)
    with (
        pytest.raises(IntegrityError, match="without an owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [organization_id])
    assert members_of(organization_id).filter(role=Role.OWNER).count() == 2


@pytest.mark.django_db
def test_another_organisations_member_is_not_found() -> None:
    member = add(open_shop().organization_id, "ada@example.org", Role.SUPPORT)
    theirs = open_shop().organization_id
    with pytest.raises(NotFound):
        change_member(CommandContext(owner_of(theirs), NOW), member.id, role=Role.ANALYST)
    with pytest.raises(NotFound):
        remove_member(CommandContext(owner_of(theirs), NOW), member.id)


def removed(organization_id: UUID, member: Membership) -> None:
    remove_member(CommandContext(owner_of(organization_id), NOW), member.id)


def gone(organization_id: UUID, member: Membership) -> None:
    leave_organization(CommandContext.system(organization_id, now=NOW), user=member.user)


def demoted(organization_id: UUID, member: Membership) -> None:
    change_member(CommandContext(owner_of(organization_id), NOW), member.id, role=Role.ANALYST)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", [removed, gone, demoted])
def test_owners_who_end_at_once_leave_one_behind(end: Callable[[UUID, Membership], None]) -> None:
    organization_id = open_shop().organization_id
    owners = [add(organization_id, f"{name}@example.org", Role.OWNER) for name in ("ada", "bob", "cem")]
    together = Barrier(3, timeout=30)

    def leave(member: Membership) -> bool:
        together.wait()
        try:
            end(organization_id, member)
        except LastOwner:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(3) as pool:
        left = list(pool.map(leave, owners))
    assert sorted(left) == [False, True, True]
    assert members_of(organization_id).filter(role=Role.OWNER).count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_trigger_nobody_would_be_left() -> None:
    """The same race: each owner sees the other one, who is about to leave as well."""
    organization_id = open_shop().organization_id
    owners = [add(organization_id, f"{name}@example.org", Role.OWNER) for name in ("ada", "bob")]
    together = Barrier(2, timeout=30)

    def leave(member: Membership) -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                others = members_of(organization_id).filter(role=Role.OWNER).exclude(id=member.id).exists()
                together.wait()
                assert others
                cursor.execute("SET LOCAL session_replication_role = replica")
                Membership.objects.of(organization_id).filter(id=member.id).delete()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(leave, owners))
    assert not members_of(organization_id).exists()


@pytest.mark.django_db(transaction=True)
def test_an_invitation_accepted_twice_at_once_makes_one_member() -> None:
    organization_id = open_shop().organization_id
    user = make_user("ada@example.org")
    invitation, _ = invite_member(
        CommandContext(owner_of(organization_id), NOW), email=user.email, role=Role.SUPPORT
    )
    together = Barrier(4, timeout=30)

    def accept(_: int) -> bool:
        together.wait()
        try:
            accept_invitation(CommandContext.system(organization_id, now=NOW), invitation.id, user=user)
        except InvitationOver:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        joined = list(pool.map(accept, range(4)))
    assert sorted(joined) == [False, False, False, True]
    assert members_of(organization_id).count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_address_invited_twice_at_once_is_invited_once() -> None:
    organization_id = open_shop().organization_id
    together = Barrier(4, timeout=30)

    def invite(_: int) -> bool:
        together.wait()
        try:
            invite_member(
                CommandContext(owner_of(organization_id), NOW), email="ada@example.org", role=Role.SUPPORT
            )
        except AlreadyExists:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        invited = list(pool.map(invite, range(4)))
    assert sorted(invited) == [False, False, False, True]
    assert list_invitations(organization_id).count() == 1
