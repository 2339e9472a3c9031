from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connections

from kassa.core.errors import AlreadyExists, InvalidInput, NotFound
from kassa.identity.actor import Actor
from kassa.identity.domain.members import add_member, change_member, remove_member
from kassa.identity.enums import ActorKind, Role, UserStatus
from kassa.identity.errors import LastOwner, RightsBeyondOwn
from kassa.identity.models import Membership, User
from kassa.identity.permissions import ROLE_PERMISSIONS, Permission
from kassa.identity.queries import member_of, members_of, rights_of
from tests.api.shop import NOW, open_shop


def actor_with(organization_id: UUID, permissions: Iterable[Permission]) -> Actor:
    return Actor(organization_id, ActorKind.API_KEY, organization_id, frozenset(permissions))


def owner_of(organization_id: UUID) -> Actor:
    return actor_with(organization_id, Permission)


def add(organization_id: UUID, email: str, role: Role, actor: Actor | None = None) -> Membership:
    actor = actor or owner_of(organization_id)
    return add_member(organization_id, email=email, role=role, actor=actor, now=NOW)


@pytest.mark.django_db
def test_an_unknown_person_becomes_a_pending_user() -> None:
    member = add(open_shop().organization_id, " Ada@Example.ORG ", Role.MANAGER)
    user = User.objects.get(id=member.user_id)
    assert (user.email, user.name, user.status) == ("ada@example.org", "ada", UserStatus.PENDING)
    assert not user.has_usable_password()


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
@pytest.mark.parametrize(
    "email", ["", "ada", "@example.org", "ada@", "a b@example.org", "a" * 250 + "@x.org"]
)
def test_what_is_no_address_is_refused(email: str) -> None:
    organization_id = open_shop().organization_id
    with pytest.raises(InvalidInput):
        add(organization_id, email, Role.SUPPORT)
    assert not members_of(organization_id).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("own", list(Role))
@pytest.mark.parametrize("granted", list(Role))
def test_nobody_grants_a_role_beyond_their_own_rights(own: Role, granted: Role) -> None:
    organization_id = open_shop().organization_id
    actor = actor_with(organization_id, ROLE_PERMISSIONS[own])
    if ROLE_PERMISSIONS[granted] <= ROLE_PERMISSIONS[own]:
        assert add(organization_id, "ada@example.org", granted, actor).role == granted
        return
    with pytest.raises(RightsBeyondOwn):
        add(organization_id, "ada@example.org", granted, actor)
    assert not members_of(organization_id).exists()
    assert not User.objects.filter(email="ada@example.org").exists()


@pytest.mark.django_db
def test_nobody_grants_a_right_they_lack_beside_the_role() -> None:
    organization_id = open_shop().organization_id
    admin = actor_with(organization_id, ROLE_PERMISSIONS[Role.ADMIN])
    member = add(organization_id, "ada@example.org", Role.SUPPORT)
    changed = change_member(
        organization_id,
        member_id=member.id,
        actor=admin,
        now=NOW,
        extra_permissions=[Permission.MEMBER_READ],
    )
    assert Permission.MEMBER_READ in rights_of(changed)
    with pytest.raises(RightsBeyondOwn):
        change_member(
            organization_id,
            member_id=member.id,
            actor=admin,
            now=NOW,
            extra_permissions=[Permission.API_KEY_WRITE],
        )
    assert member_of(organization_id, member.id).permissions == [Permission.MEMBER_READ]


@pytest.mark.django_db
def test_an_admin_neither_demotes_nor_removes_an_owner() -> None:
    organization_id = open_shop().organization_id
    admin = actor_with(organization_id, ROLE_PERMISSIONS[Role.ADMIN])
    owners = [add(organization_id, f"{name}@example.org", Role.OWNER) for name in ("ada", "bob")]
    with pytest.raises(RightsBeyondOwn):
        change_member(organization_id, member_id=owners[0].id, actor=admin, now=NOW, role=Role.SUPPORT)
    with pytest.raises(RightsBeyondOwn):
        remove_member(organization_id, member_id=owners[0].id, actor=admin, now=NOW)
    assert members_of(organization_id).filter(role=Role.OWNER).count() == 2


@pytest.mark.django_db
def test_the_last_owner_stays() -> None:
    organization_id = open_shop().organization_id
    actor = owner_of(organization_id)
    ada = add(organization_id, "ada@example.org", Role.OWNER)
    add(organization_id, "bob@example.org", Role.ADMIN)
    with pytest.raises(LastOwner):
        change_member(organization_id, member_id=ada.id, actor=actor, now=NOW, role=Role.ADMIN)
    with pytest.raises(LastOwner):
        remove_member(organization_id, member_id=ada.id, actor=actor, now=NOW)
    change_member(organization_id, member_id=ada.id, actor=actor, now=NOW, role=Role.OWNER)
    add(organization_id, "cem@example.org", Role.OWNER)
    assert (
        change_member(organization_id, member_id=ada.id, actor=actor, now=NOW, role=Role.ADMIN).role
        == Role.ADMIN
    )
    remove_member(organization_id, member_id=ada.id, actor=actor, now=NOW)
    assert User.objects.filter(email="ada@example.org").exists()


@pytest.mark.django_db
def test_another_organisations_member_is_not_found() -> None:
    member = add(open_shop().organization_id, "ada@example.org", Role.SUPPORT)
    theirs = open_shop().organization_id
    with pytest.raises(NotFound):
        change_member(theirs, member_id=member.id, actor=owner_of(theirs), now=NOW, role=Role.ANALYST)
    with pytest.raises(NotFound):
        remove_member(theirs, member_id=member.id, actor=owner_of(theirs), now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_once_leave_one_behind() -> None:
    organization_id = open_shop().organization_id
    owners = [add(organization_id, f"{name}@example.org", Role.OWNER) for name in ("ada", "bob")]
    together = Barrier(2, timeout=30)

    def leave(member_id: UUID) -> bool:
        together.wait()
        try:
            remove_member(organization_id, member_id=member_id, actor=owner_of(organization_id), now=NOW)
        except LastOwner:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        left = list(pool.map(leave, [owner.id for owner in owners]))
    assert sorted(left) == [False, True]
    assert members_of(organization_id).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_person_added_twice_at_once_is_one_member() -> None:
    organization_id = open_shop().organization_id
    together = Barrier(4, timeout=30)

    def join(_: int) -> bool:
        together.wait()
        try:
            add(organization_id, "ada@example.org", Role.SUPPORT)
        except AlreadyExists:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        joined = list(pool.map(join, range(4)))
    assert sorted(joined) == [False, False, False, True]
    assert members_of(organization_id).count() == 1
