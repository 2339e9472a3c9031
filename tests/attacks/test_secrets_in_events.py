"""Whoever may read events is not yet let in: no event has a whole code or a link that works in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kassa.admission.domain import events as door_events
from kassa.core import outbox
from kassa.orders.domain import events as order_events
from kassa.orders.enums import OrderStatus
from kassa.orders.models import Ticket
from kassa.payments.domain import events as refund_events
from kassa.payments.domain.attempts.open import AttemptRequest, open_attempt
from kassa.payments.domain.manual_status import cancel_order, change_status
from kassa.tickets.domain import ticket_document
from kassa.tickets.domain.links import FIRST_GENERATION, order_link
from tests.admission.hall import Hall
from tests.support.event_secrets import find_secrets
from tests.support.factories import enable_provider, line, make_ticket_type
from tests.support.sale_world import World
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db(transaction=True)
Act = Callable[[], None]


def sell_and_cancel() -> None:
    world = World()
    order = world.place(line(world.standing, 2))
    change_status(world.context(), order.id, to_status=OrderStatus.CONFIRMED)
    cancel_order(world.context("Called off."), order.id)


def give_away_for_nothing() -> None:
    world = World()
    world.place(line(make_ticket_type(world.event, price=0), 3))


def hand_on() -> None:
    holders = Holders()
    holders.accept(holders.offer())
    holders.reissue()
    holders.block()
    holders.unblock()


def give_back() -> None:
    Holders().refund()


def let_in() -> None:
    hall = Hall()
    ticket, imported = hall.issue(2)
    Ticket.objects.of(hall.id).filter(id=imported.id).update(code="A-7")
    hall.scan(ticket)
    hall.scan(Ticket.objects.of(hall.id).get(id=imported.id))


def pay() -> None:
    """Come back from paying to the order's secret page, as buyers of Kassa's own shop do."""
    world = World()
    enable_provider(world.organization, "demo")
    order = world.place()
    back = order_link(world.organization.id, order.id, FIRST_GENERATION) + "/back"
    request = AttemptRequest(provider="demo", return_url=back, cancel_url=back)
    open_attempt(world.context(), order.id, request=request)


ACTS: dict[Act, tuple[Any, str]] = {
    sell_and_cancel: (order_events, "mask_code"),
    give_away_for_nothing: (order_events, "mask_code"),
    give_back: (refund_events, "mask_last_word"),
    hand_on: (ticket_document, "mask_code"),
    let_in: (door_events, "masked"),
    pay: (outbox, "mask_links"),
}
"""What happens, and what hides the secrets in what is told of it."""


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_no_event_has_a_whole_code_or_link(act: Act) -> None:
    act()

    assert find_secrets() == []


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_control_without_masks_they_are_found(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*ACTS[act], lambda text, *_: text)

    act()

    assert find_secrets() != []
