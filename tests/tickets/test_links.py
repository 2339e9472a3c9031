"""Secret links open what they were made for, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings as kassa_settings
from hypothesis import given
from hypothesis import strategies as st

from kassa.core.errors import NotFound
from kassa.tickets.domain.links import (
    LinkToken,
    is_genuine,
    order_link,
    order_token,
    parse_genuine,
    parse_token,
    ticket_link,
    ticket_token,
    transfer_link,
    transfer_token,
)

ORGANIZATION, THING = uuid4(), uuid4()
TOKEN_BYTES = 54


def legacy_token(kind: str, organization_id: UUID, object_id: UUID, code: str = "") -> str:
    """Return a token as links had it before they had generations and keys had ids."""
    secret = f"kassa.tickets.links.{kind}{kassa_settings.SECRET_KEY}".encode()
    value = f"{organization_id}:{object_id}:{code}".encode()
    signature = hmac.digest(hashlib.sha256(secret).digest(), value, "sha256")[:16]
    return base64.urlsafe_b64encode(organization_id.bytes + object_id.bytes + signature).decode()


def test_a_link_leads_to_its_page(settings: Any) -> None:
    settings.BASE_URL = "https://tickets.example"
    token = order_token(ORGANIZATION, THING, 0)

    assert order_link(ORGANIZATION, THING, 0) == f"https://tickets.example/orders/{token}"
    assert ticket_link(ORGANIZATION, THING, 0, "CODE").startswith("https://tickets.example/tickets/")
    assert transfer_link(ORGANIZATION, THING, 0).startswith("https://tickets.example/transfers/")
    assert len(token) == 72


@pytest.mark.parametrize("generation", [0, 1, 255, 256, 256**3 - 1])
def test_a_link_opens_what_it_was_made_for(generation: int) -> None:
    token = parse_genuine("order", order_token(ORGANIZATION, THING, generation))
    assert (token.organization_id, token.object_id, token.generation) == (ORGANIZATION, THING, generation)
    for kind, other in (
        ("order", transfer_token(ORGANIZATION, THING, generation)),
        ("transfer", order_token(ORGANIZATION, THING, generation)),
        ("order", ticket_token(ORGANIZATION, THING, generation, "")),
    ):
        with pytest.raises(NotFound):
            parse_genuine(kind, other)


def test_a_link_of_a_ticket_dies_with_its_code() -> None:
    token = parse_token(ticket_token(ORGANIZATION, THING, 0, "OLD"))

    assert is_genuine("ticket", token, "OLD")
    assert not is_genuine("ticket", token, "NEW")


def test_a_link_of_before_generations_is_of_the_first() -> None:
    token = parse_genuine("order", legacy_token("order", ORGANIZATION, THING))
    assert (token.organization_id, token.object_id, token.generation) == (ORGANIZATION, THING, 0)
    assert is_genuine("ticket", parse_token(legacy_token("ticket", ORGANIZATION, THING, "CODE")), "CODE")
    with pytest.raises(NotFound):
        parse_genuine("transfer", legacy_token("order", ORGANIZATION, THING))


def test_a_new_key_ends_no_link_and_a_removed_one_ends_its_own(settings: Any) -> None:
    old = order_token(ORGANIZATION, THING, 0)
    legacy = legacy_token("order", ORGANIZATION, THING)
    first = settings.SECRET_KEY

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second", [first]
    new = order_token(ORGANIZATION, THING, 0)
    assert new != old
    for token in (old, legacy, new):
        assert parse_genuine("order", token).object_id == THING

    settings.SECRET_KEY_FALLBACKS = []
    assert parse_genuine("order", new).object_id == THING
    for token in (old, legacy):
        with pytest.raises(NotFound):
            parse_genuine("order", token)


@given(st.integers(0, TOKEN_BYTES * 8 - 1))
def test_any_bit_flipped_opens_nothing(bit: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(order_token(ORGANIZATION, THING, 5)))
    assert len(raw) == TOKEN_BYTES
    raw[bit // 8] ^= 1 << bit % 8

    with pytest.raises(NotFound):
        parse_genuine("order", base64.urlsafe_b64encode(raw).decode())


def test_the_generation_of_an_old_link_cannot_be_raised() -> None:
    """Neither by writing another number into it, nor by passing an old signature off as a new one."""
    token = parse_token(order_token(ORGANIZATION, THING, 0))
    legacy = parse_token(legacy_token("order", ORGANIZATION, THING))
    for claimed in (token, legacy):
        raised = LinkToken(ORGANIZATION, THING, 1, token.key_id, claimed.signature)
        assert not is_genuine("order", raised)


@given(st.text(max_size=80))
def test_nonsense_opens_nothing(text: str) -> None:
    with pytest.raises(NotFound):
        parse_genuine("order", text)
