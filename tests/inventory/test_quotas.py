from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from django.db import IntegrityError, connections, transaction
from django.db.models import F

from kassa.core.command_context import CommandContext
from kassa.core.database import violated_constraint
from kassa.core.errors import InvalidInput, NotFound
from kassa.inventory.domain.quotas import (
    MAX_CAPACITY,
    change_capacity,
    change_shared_quota,
    create_quota,
    locked_quotas,
)
from kassa.inventory.enums import QuotaKind
from kassa.inventory.errors import CapacityBelowTaken
from kassa.inventory.models import WITHIN_CAPACITY, Quota
from kassa.inventory.queries import quota_of, quotas_by_id
from tests.api.shop import NOW, open_shop, take


def room(organization_id: UUID, capacity: int = 10) -> Quota:
    return create_quota(organization_id, name="Room", capacity=capacity, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("capacity", [-1, MAX_CAPACITY + 1, 2**31, 10**30])
def test_a_capacity_that_cannot_be_counted_is_refused(capacity: int) -> None:
    organization_id = open_shop().organization_id
    with pytest.raises(InvalidInput):
        room(organization_id, capacity)
    quota = room(organization_id, 3)
    with pytest.raises(InvalidInput):
        change_capacity(organization_id, quota_id=quota.id, capacity=capacity, now=NOW)
    assert quota_of(organization_id, quota.id).capacity == 3


@pytest.mark.django_db
def test_a_capacity_goes_down_to_what_is_taken() -> None:
    organization_id = open_shop().organization_id
    quota = room(organization_id)
    take(quota.id, reserved=2, sold=3)
    assert change_capacity(organization_id, quota_id=quota.id, capacity=5, now=NOW).capacity == 5
    with pytest.raises(CapacityBelowTaken) as caught:
        change_capacity(organization_id, quota_id=quota.id, capacity=4, now=NOW)
    assert caught.value.details == {"quota": quota.id, "reserved": 2, "sold": 3, "taken": 5}
    assert quota_of(organization_id, quota.id).capacity == 5


@pytest.mark.django_db
def test_only_shared_quotas_change_by_themselves() -> None:
    organization_id = open_shop().organization_id
    own = create_quota(organization_id, name="Own", capacity=3, kind=QuotaKind.TICKET_TYPE, now=NOW)
    with pytest.raises(NotFound):
        change_shared_quota(CommandContext.system(organization_id, now=NOW), own.id, changes={"capacity": 4})
    shared = room(organization_id)
    changed = change_shared_quota(
        CommandContext.system(organization_id, now=NOW), shared.id, changes={"name": "Hall", "capacity": 4}
    )
    assert (changed.name, changed.capacity) == ("Hall", 4)


@pytest.mark.django_db
def test_another_organisations_quota_is_not_found() -> None:
    quota = room(open_shop().organization_id)
    theirs = open_shop().organization_id
    with pytest.raises(NotFound):
        change_capacity(theirs, quota_id=quota.id, capacity=1, now=NOW)
    assert quotas_by_id(theirs, [quota.id, None]) == {}
    with transaction.atomic():
        assert locked_quotas(theirs, [quota.id]) == []


@pytest.mark.django_db
def test_the_database_has_the_last_word() -> None:
    organization_id = open_shop().organization_id
    quota = room(organization_id, 3)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        take(quota.id, reserved=2, sold=2)
    assert violated_constraint(caught.value) == WITHIN_CAPACITY


@pytest.mark.django_db(transaction=True)
def test_a_capacity_is_not_lowered_under_those_who_reserve_at_the_same_time() -> None:
    organization_id = open_shop().organization_id
    quota = room(organization_id, 8)
    together = Barrier(9, timeout=30)

    def reserve() -> bool:
        together.wait()
        try:
            with transaction.atomic():
                Quota.objects.of(organization_id).filter(id=quota.id).update(reserved=F("reserved") + 1)
        except IntegrityError:
            return False
        finally:
            connections.close_all()
        return True

    def lower() -> bool:
        together.wait()
        try:
            change_capacity(organization_id, quota_id=quota.id, capacity=4, now=NOW)
        except CapacityBelowTaken:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(9) as pool:
        reservations = [pool.submit(reserve) for _ in range(8)]
        lowered = pool.submit(lower).result()
        reserved = sum(one.result() for one in reservations)
    after = quota_of(organization_id, quota.id)
    assert (after.capacity, after.reserved) == (4 if lowered else 8, reserved)
    assert reserved == (4 if lowered else 8)
