"""What is shown of codes and secret links to those who may not use them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from kassa.core.masking import HIDDEN_TOKEN, mask_code, mask_links
from kassa.tickets.domain.links import order_link, ticket_link, transfer_link, unsubscribe_link


@pytest.mark.parametrize(
    ("code", "masked"),
    [
        ("K7QM4TWX9PRA", "••••••••9PRA"),
        ("A-00000000017", "•••••••••0017"),
        ("SHORTCODE11", "•••••••••••"),
        ("17", "••"),
        ("", ""),
    ],
)
def test_only_the_end_of_a_long_code_is_shown(code: str, masked: str) -> None:
    assert mask_code(code) == masked
    assert mask_code(masked) == masked


def test_tokens_of_all_links_are_hidden() -> None:
    organization, object_id = uuid4(), uuid4()
    links = [
        order_link(organization, object_id, 0) + "/back",
        ticket_link(organization, object_id, 3, "K7QM4TWX9PRA"),
        transfer_link(organization, object_id, 1),
        unsubscribe_link(organization, object_id),
    ]

    hidden = mask_links(" ".join(links), organization)

    assert [link.split("/")[4] for link in hidden.split()] == [HIDDEN_TOKEN] * 4
    assert hidden.split()[0].endswith("/orders/hidden/back")


def test_other_addresses_stay_as_they_are() -> None:
    text = f"https://shop.example/thanks?order={uuid4()}&token={'x' * 90}"

    assert mask_links(text, uuid4()) == text
    assert mask_links(of_others := order_link(uuid4(), uuid4(), 0), uuid4()) == of_others
