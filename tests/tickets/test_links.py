"""Secret links open what they were made for, and nothing else."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassa.core.errors import NotFound
from kassa.tickets.domain.links import (
    check_token,
    order_link,
    order_token,
    read_order_token,
    read_token,
    read_transfer_token,
    ticket_link,
    ticket_token,
    transfer_link,
    transfer_token,
)

ORGANIZATION, THING = uuid4(), uuid4()


def test_a_link_leads_to_its_page(settings: Any) -> None:
    settings.BASE_URL = "https://tickets.example"
    token = order_token(ORGANIZATION, THING)

    assert order_link(ORGANIZATION, THING) == f"https://tickets.example/orders/{token}"
    assert ticket_link(ORGANIZATION, THING, "CODE").startswith("https://tickets.example/tickets/")
    assert transfer_link(ORGANIZATION, THING).startswith("https://tickets.example/transfers/")
    assert len(token) == 64


def test_a_link_opens_what_it_was_made_for() -> None:
    assert read_order_token(order_token(ORGANIZATION, THING)) == (ORGANIZATION, THING)
    assert read_transfer_token(transfer_token(ORGANIZATION, THING)) == (ORGANIZATION, THING)
    for token, read in (
        (transfer_token(ORGANIZATION, THING), read_order_token),
        (order_token(ORGANIZATION, THING), read_transfer_token),
        (ticket_token(ORGANIZATION, THING, ""), read_order_token),
    ):
        with pytest.raises(NotFound):
            read(token)


def test_a_link_of_a_ticket_dies_with_its_code() -> None:
    organization_id, ticket_id, signature = read_token(ticket_token(ORGANIZATION, THING, "OLD"))

    check_token("ticket", organization_id, ticket_id, signature, "OLD")
    with pytest.raises(NotFound):
        check_token("ticket", organization_id, ticket_id, signature, "NEW")


def test_another_secret_makes_other_links(settings: Any) -> None:
    token = order_token(ORGANIZATION, THING)
    settings.SECRET_KEY = "another"

    with pytest.raises(NotFound):
        read_order_token(token)


@given(st.integers(0, 48 * 8 - 1))
def test_any_bit_flipped_opens_nothing(bit: int) -> None:
    organization_id, order_id, signature = read_token(order_token(ORGANIZATION, THING))
    raw = bytearray(organization_id.bytes + order_id.bytes + signature)
    raw[bit // 8] ^= 1 << bit % 8

    with pytest.raises(NotFound):
        check_token("order", UUID(bytes=bytes(raw[:16])), UUID(bytes=bytes(raw[16:32])), bytes(raw[32:]))


@given(st.text(max_size=80))
def test_nonsense_opens_nothing(text: str) -> None:
    with pytest.raises(NotFound):
        read_order_token(text)
