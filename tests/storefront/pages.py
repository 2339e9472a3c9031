"""Pages as a visitor without an account sees them."""

from __future__ import annotations

import html
import re
from typing import Any

from django.test import Client

from kassa.orders.models import Order
from kassa.tickets.domain.links import order_token, ticket_token, transfer_token
from kassa.tickets.models import Transfer
from tests.tickets.holders import Holders

BROWSER = Client(raise_request_exception=False)


def order_path(holders: Holders, order: Order | None = None) -> str:
    order = order or holders.sold
    return f"/orders/{order_token(holders.id, order.id, order.link_generation)}"


def ticket_path(holders: Holders) -> str:
    ticket = holders.ticket
    return f"/tickets/{ticket_token(holders.id, ticket.id, ticket.link_generation, ticket.code)}"


def transfer_path(transfer: Transfer) -> str:
    token = transfer_token(transfer.organization_id, transfer.id, transfer.link_generation)
    return f"/transfers/{token}"


def text_of(answer: Any) -> str:
    """Return what a reader sees of a page, with single spaces."""
    shown = re.sub(r"<(style|title|svg).*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", shown)).split())


def actions_of(answer: Any) -> set[str]:
    """Return the buttons that a page has."""
    return set(re.findall(r'name="action" value="(\w+)"', answer.content.decode()))


def links_of(answer: Any) -> list[str]:
    return re.findall(r'href="([^"]+)"', answer.content.decode())
