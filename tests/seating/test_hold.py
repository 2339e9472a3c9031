from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from kassa.catalog.models import Event
from kassa.seating.domain.hold import lock_seats, move_seats
from kassa.seating.enums import SeatStatus
from kassa.seating.models import EventSeat
from kassa.seating.queries import event_seats_of
from tests.seating.conftest import found_organization, make_seated


def ids_of(event: Event) -> list[UUID]:
    return list(event_seats_of(event.organization_id, event.id).values_list("id", flat=True))


def test_lock_seats_returns_them_by_id_and_leaves_out_strangers(
    organization_id: UUID, seated: Callable[..., Event]
) -> None:
    ids = ids_of(seated())
    foreign = ids_of(make_seated(found_organization().id))

    locked = lock_seats(organization_id, [ids[3], ids[0], foreign[0], uuid4()])

    assert [seat.id for seat in locked] == sorted([ids[3], ids[0]])
    first = EventSeat.objects.of(organization_id).get(id=ids[0])
    found = next(seat for seat in locked if seat.id == ids[0])
    assert (found.event_id, found.label) == (first.event_id, "Coach, row 1, seat B")
    assert (found.rank, found.block, found.place) == (first.rank, first.block, first.place)
    assert (found.status, found.cart_id) == (SeatStatus.AVAILABLE, None)


def test_move_seats_moves_only_what_is_in_the_expected_state(
    organization_id: UUID, seated: Callable[..., Event]
) -> None:
    ids = ids_of(seated())
    cart = uuid4()

    assert (
        move_seats(
            organization_id,
            seat_ids=ids[:2],
            from_status=[SeatStatus.AVAILABLE],
            to_status=SeatStatus.HELD,
            cart_id=cart,
        )
        == 2
    )
    assert [seat.cart_id for seat in lock_seats(organization_id, ids[:2])] == [cart, cart]
    assert (
        move_seats(
            organization_id,
            seat_ids=ids[:3],
            from_status=[SeatStatus.HELD],
            to_status=SeatStatus.SOLD,
        )
        == 2
    )

    after = {seat.id: (seat.status, seat.cart_id) for seat in lock_seats(organization_id, ids[:3])}
    assert after == {
        ids[0]: (SeatStatus.SOLD, None),
        ids[1]: (SeatStatus.SOLD, None),
        ids[2]: (SeatStatus.AVAILABLE, None),
    }


def test_move_seats_leaves_other_organisations_alone(seated: Callable[..., Event]) -> None:
    ids = ids_of(seated())

    moved = move_seats(
        found_organization().id,
        seat_ids=ids,
        from_status=[SeatStatus.AVAILABLE],
        to_status=SeatStatus.SOLD,
    )

    assert moved == 0


def test_move_seats_does_nothing_without_seats(organization_id: UUID) -> None:
    assert lock_seats(organization_id, []) == []
    assert (
        move_seats(
            organization_id, seat_ids=[], from_status=[SeatStatus.HELD], to_status=SeatStatus.AVAILABLE
        )
        == 0
    )


@pytest.mark.django_db(transaction=True)
def test_one_seat_asked_for_over_many_connections_is_held_once() -> None:
    event = make_seated(found_organization().id)
    seat_id = ids_of(event)[0]
    barrier = Barrier(8)

    def hold(_: int) -> int:
        try:
            barrier.wait()
            with transaction.atomic():
                lock_seats(event.organization_id, [seat_id])
                return move_seats(
                    event.organization_id,
                    seat_ids=[seat_id],
                    from_status=[SeatStatus.AVAILABLE],
                    to_status=SeatStatus.HELD,
                    cart_id=uuid4(),
                )
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        moved = list(threads.map(hold, range(8)))

    assert sorted(moved) == [0, 0, 0, 0, 0, 0, 0, 1]
    assert EventSeat.objects.of(event.organization_id).filter(status=SeatStatus.HELD).count() == 1
