"""For every scarce thing: a crowd in several processes, and exactly as many winners as there is of it.

The controls run the same races with the guards taken away, and must go wrong.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.concurrency.conftest import Crowd
from tests.concurrency.processes import Processes
from tests.concurrency.races import (
    Finish,
    race_for_a_booking,
    race_for_a_coupon,
    race_for_a_key,
    race_for_a_limit,
    race_for_a_seat,
    race_for_places,
    race_for_shared_places,
    race_for_the_best_seats,
    race_for_the_last_uses,
)
from tests.concurrency.unguarded import run_unguarded

Race = Callable[..., Finish]

LAST_WORD = {
    race_for_places: ("sold_out", "inventory_quota_within_capacity"),
    race_for_shared_places: ("sold_out", "inventory_quota_within_capacity"),
    race_for_a_seat: ("seat_taken", "orders_ticket_seat"),
    race_for_the_best_seats: ("sold_out", "orders_ticket_seat"),
    race_for_a_coupon: ("coupon_used", "orders_couponusage_nth"),
    race_for_the_last_uses: ("coupon_exhausted", "coupons_coupon_within_limit"),
    race_for_a_booking: ("already_booked", "orders_limituse_nth"),
    race_for_a_limit: ("limit_per_customer", "orders_limituse_nth"),
    race_for_a_key: (None, "orders_order_idempotency_key"),
}
"""What the losers of a race are told, and the constraint that refuses them if no lock does."""
RACERS = 8
by_race = pytest.mark.parametrize("race", LAST_WORD, ids=lambda race: race.__name__)


def test_five_thousand_buyers_get_five_hundred_places(crowd_at_the_desk: Crowd) -> None:
    finish = race_for_places(crowd_at_the_desk, buyers=5_000, scarce=500)

    assert finish.codes == {"placed": 500, "sold_out": 4_500}
    assert finish.taken == 500
    assert finish.imbalance == ""


@pytest.mark.parametrize(
    ("race", "buyers", "scarce"),
    [
        (race_for_shared_places, 200, 30),
        (race_for_a_seat, 200, 1),
        (race_for_a_seat, 200, 7),
        (race_for_the_best_seats, 100, 5),
        (race_for_a_coupon, 200, 1),
        (race_for_a_coupon, 100, 3),
        (race_for_the_last_uses, 200, 5),
        (race_for_a_booking, 200, 1),
        (race_for_a_limit, 100, 1),
        (race_for_a_limit, 100, 4),
    ],
)
def test_crowd_gets_exactly_what_there_is(crowd: Crowd, race: Race, buyers: int, scarce: int) -> None:
    finish = race(crowd, buyers=buyers, scarce=scarce)

    assert finish.codes == {"placed": scarce, LAST_WORD[race][0]: buyers - scarce}
    assert finish.taken == scarce
    assert finish.imbalance == ""


def test_crowd_with_one_key_gets_one_order_and_equal_answers(crowd: Crowd) -> None:
    finish = race_for_a_key(crowd, buyers=50, scarce=1)

    assert finish.codes == {"placed": 50}
    assert finish.equal_answers
    assert finish.taken == 1
    assert finish.imbalance == ""


@by_race
def test_database_alone_refuses_too_many_where_no_lock_does(
    spoiler: Processes, scratch: str, race: Race
) -> None:
    # Of several seats or uses a racer would lose one after the other; with one the end is always the same.
    scarce = (
        3 if race in (race_for_places, race_for_shared_places, race_for_a_seat, race_for_the_last_uses) else 1
    )
    told, _ = LAST_WORD[race]

    [finish] = spoiler.call(run_unguarded, [(race, scratch, (), RACERS, scarce)])

    losers = {told: RACERS - scarce} if told else {}
    assert finish.codes == {"placed": scarce if told else RACERS, **losers}
    assert finish.taken == scarce
    assert finish.imbalance == ""


@by_race
def test_control_without_guards_gives_away_too_much(spoiler: Processes, scratch: str, race: Race) -> None:
    scarce = 1 if race in (race_for_a_booking, race_for_a_key) else 3
    _, constraint = LAST_WORD[race]

    [finish] = spoiler.call(run_unguarded, [(race, scratch, (constraint,), RACERS, scarce)])

    assert finish.codes == {"placed": RACERS}
    assert finish.taken == RACERS
    assert not finish.equal_answers
