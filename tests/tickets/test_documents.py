"""Tickets on paper: everything that is on them, in the reader's language, and a code that any decoder reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kassa.tickets.domain.genuine import Genuine, check_qr
from tests.factories import make_event
from tests.tickets.printing import Press, pages_of, read_codes, texts_of

STARTS = datetime(2027, 6, 11, 17, 30, tzinfo=UTC)


@pytest.fixture
def press(db: None) -> Press:
    return Press()


def test_every_ticket_of_an_order_has_a_page_with_its_code(press: Press) -> None:
    order = press.sell(quantity=3)
    tickets = press.tickets_of(order)
    pages = pages_of(press.pdf(order))

    read = [read_codes(page) for page in pages]
    assert read == [[text] for text in press.qr_texts(tickets)]
    for (text,), ticket in zip(read, tickets, strict=True):
        genuine = check_qr(press.organization.id, text)
        assert isinstance(genuine, Genuine)
        assert (genuine.code, genuine.ticket_tag) == (ticket.code, ticket.id.bytes[8:])
