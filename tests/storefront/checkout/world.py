"""A shop with a cart in it, and short words for what a buyer does at its checkout."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.orders.models import Order
from kassa.organizations.models import Organization
from kassa.payments.models import PaymentAttempt
from kassa.sales.domain.cart_items import NewItem
from kassa.sales.domain.cart_open import NewCart, open_cart
from kassa.sales.domain.request import RequestedLine
from kassa.sales.models import Cart, CartItem
from kassa.storefront.visitors.carts import cart_token
from tests.support.factories import enable_provider, line, make_event, make_organization, make_ticket_type

ADA = {"email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace"}


@dataclass
class Till:
    """An organisation that sells, and one browser at its checkout."""

    organization: Organization
    event: Event
    language: str = "en"
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    cart_id: UUID = field(default_factory=lambda: UUID(int=0))

    @property
    def path(self) -> str:
        return f"/{self.organization.slug}/checkout/{cart_token(self.organization.id, self.cart_id)}"

    def fill(self, *lines: RequestedLine, now: datetime | None = None, **fields: Any) -> None:
        """Open a cart; from now on it is the one at the checkout."""
        new = NewCart(items=[NewItem(each) for each in lines], **fields)
        self.cart_id = open_cart(CommandContext.system(self.organization.id, now=now or utc_now()), new)

    def expire(self) -> None:
        """Let the time of the cart be over."""
        Cart.unscoped.filter(id=self.cart_id).update(expires_at=utc_now() - timedelta(seconds=1))

    def get(self, path: str | None = None, **query: str) -> Any:
        return self.client.get(path or self.path, query, HTTP_ACCEPT_LANGUAGE=self.language)

    def post(self, do: str, path: Any = None, **typed: Any) -> Any:
        """Press a button of the page, with what was typed."""
        fields = {name.replace("__", "-"): value for name, value in typed.items()}
        return self.client.post(path or self.path, {"do": do, **fields}, HTTP_ACCEPT_LANGUAGE=self.language)

    def order(self, **typed: Any) -> Any:
        """Fill everything in as Ada would, and order."""
        return self.post("order", **{**ADA, "provider": "manual", **typed})

    def items(self) -> list[CartItem]:
        return list(CartItem.unscoped.filter(cart_id=self.cart_id).order_by("id"))

    def orders(self) -> list[Order]:
        return list(Order.objects.of(self.organization.id).order_by("id"))

    def attempts(self) -> list[PaymentAttempt]:
        return list(PaymentAttempt.objects.of(self.organization.id).order_by("id"))


def a_till(
    *, providers: tuple[str, ...] = ("manual",), event: dict[str, Any] | None = None, **settings: Any
) -> Till:
    """Return a shop with one event, at which one can pay by transfer."""
    organization = make_organization(**settings)
    for provider in providers:
        enable_provider(organization, provider)
    return Till(organization, make_event(organization, **(event or {})))


def a_sale(quantity: int = 1, *, fields: dict[str, Any] | None = None, **options: Any) -> Till:
    """Return a shop with so many standing places in a cart."""
    till = a_till(**options)
    till.fill(line(make_ticket_type(till.event, **(fields or {})), quantity))
    return till


def text_of(answer: Any) -> str:
    """Return what a reader sees of a page, with single spaces."""
    body = re.sub(r"<(style|title|svg|head).*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def value_of(answer: Any, name: str) -> str | None:
    """Return what stands in a field. None: there is none."""
    body, called = answer.content.decode(), re.escape(name)
    area = re.search(rf'<textarea[^>]*name="{called}"[^>]*>\n?(.*?)</textarea>', body, re.DOTALL)
    if area is not None:
        return html.unescape(area.group(1))
    found = re.search(rf'<input[^>]*name="{called}"[^>]*>', body)
    if found is None:
        return None
    value = re.search(r'value="([^"]*)"', found.group(0))
    return html.unescape(value.group(1)) if value else ""


def error_of(answer: Any, field_id: str) -> str | None:
    """Return the sentence below a field. None: there is none."""
    body, called = answer.content.decode(), re.escape(field_id)
    found = re.search(rf'<p class="error" id="{called}_error">(.*?)</p>', body, re.DOTALL)
    return html.unescape(found.group(1)) if found else None


def wrong_of(answer: Any) -> str:
    """Return what the list above the form says is to be mended; empty: there is none."""
    found = re.search(
        r'<div class="problem" role="alert" id="wrong".*?</div>', answer.content.decode(), re.DOTALL
    )
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found.group(0))).split()) if found else ""


def a_file(content: bytes = b"%PDF-1.7 card", name: str = "card.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)
