from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from kassa.catalog.models import Event
from kassa.core.database import statements
from kassa.seating.domain.hold import move_seats
from kassa.seating.enums import SeatStatus
from kassa.seating.locks import lock_seats
from kassa.seating.models import EventSeat
from kassa.seating.queries import event_seats_of
from tests.seating.factories import found_organization, make_seated


def ids_of(event: Event) -> list[UUID]:
    return list(event_seats_of(event.organization_id, event.id).values_list("id", flat=True))


def test_lock_seats_returns_them_by_id_and_leaves_out_strangers(
    organization_id: UUID, seated: Callable[..., Event]
) -> None:
    ids = ids_of(seated())
    foreign = ids_of(make_seated(found_organization().id))

    locked = list(lock_seats(statements(), organization_id, [ids[3], ids[0], foreign[0], uuid4()]))

    assert [seat.id for seat in locked] == sorted([ids[3], ids[0]])
    first = EventSeat.objects.of(organization_id).get(id=ids[0])
    found = next(seat for seat in locked if seat.id == ids[0])
    assert (found.event_id, found.section, found.row, found.number) == (first.event_id, "Coach", "1", "B")
    assert (found.rank, found.block, found.place) == (first.rank, first.block, first.place)
    assert (found.status, found.cart_id) == (SeatStatus.AVAILABLE, None)


def test_move_seats_moves_only_what_is_in_the_expected_state(
    organization_id: UUID, seated: Callable[..., Event]
) -> None:
    ids = ids_of(seated())
    cart = uuid4()

    assert (
        move_seats(
            statements(),
            organization_id,
            seat_ids=ids[:2],
            from_status=[SeatStatus.AVAILABLE],
            to_status=SeatStatus.HELD,
            cart_id=cart,
        ).rowcount
        == 2
    )
    assert [seat.cart_id for seat in lock_seats(statements(), organization_id, ids[:2])] == [cart, cart]
    assert (
        move_seats(
            statements(),
            organization_id,
            seat_ids=ids[:3],
            from_status=[SeatStatus.HELD],
            to_status=SeatStatus.SOLD,
        ).rowcount
        == 2
    )

    after = {
        seat.id: (seat.status, seat.cart_id) for seat in lock_seats(statements(), organization_id, ids[:3])
    }
    assert after == {
        ids[0]: (SeatStatus.SOLD, None),
        ids[1]: (SeatStatus.SOLD, None),
        ids[2]: (SeatStatus.AVAILABLE, None),
    }


def test_move_seats_leaves_other_organisations_alone(seated: Callable[..., Event]) -> None:
    ids = ids_of(seated())

    moved = move_seats(
        statements(),
        found_organization().id,
        seat_ids=ids,
        from_status=[SeatStatus.AVAILABLE],
        to_status=SeatStatus.SOLD,
    )

    assert moved.rowcount == 0


def test_move_seats_does_nothing_without_seats(organization_id: UUID) -> None:
    assert lock_seats(statements(), organization_id, []).fetchall() == []
    assert (
        move_seats(
            statements(),
            organization_id,
            seat_ids=[],
            from_status=[SeatStatus.HELD],
            to_status=SeatStatus.AVAILABLE,
        ).rowcount
        == 0
    )


AVAILABLE = [SeatStatus.AVAILABLE]
ANY_STATUS = list(SeatStatus)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("expected", "winners"),
    [
        pytest.param(AVAILABLE, 1, id="guarded"),
        pytest.param(ANY_STATUS, 8, id="control: without the expected state everyone gets it"),
    ],
)
def test_one_seat_asked_for_over_many_connections_is_held_once(
    expected: list[SeatStatus], winners: int
) -> None:
    event = make_seated(found_organization().id)
    seat_id = ids_of(event)[0]
    barrier = Barrier(8)

    def hold(cart_id: UUID) -> UUID | None:
        try:
            barrier.wait()
            with transaction.atomic():
                lock_seats(statements(), event.organization_id, [seat_id])
                moved = move_seats(
                    statements(),
                    event.organization_id,
                    seat_ids=[seat_id],
                    from_status=expected,
                    to_status=SeatStatus.HELD,
                    cart_id=cart_id,
                )
            return cart_id if moved.rowcount else None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        held_by = [cart for cart in threads.map(hold, [uuid4() for _ in range(8)]) if cart]

    assert len(held_by) == winners
    held = EventSeat.objects.of(event.organization_id).get(status=SeatStatus.HELD)
    assert (held.id, held.cart_id in held_by) == (seat_id, True)
