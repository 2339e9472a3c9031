"""The pages of a shop as a browser gets them."""

from __future__ import annotations

import json
import re
from typing import Any

from django.test import Client

from kassa.catalog.models import Event, Product
from kassa.organizations.models import Organization
from kassa.storefront.shop.addresses import event_address, product_address
from kassa.storefront.shops import shop_of

DOCUMENT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def look(path: str, *, language: str = "en", **headers: str) -> Any:
    """Open a page in a browser without cookies."""
    given: dict[str, Any] = {"HTTP_ACCEPT_LANGUAGE": language, **headers}
    return Client(raise_request_exception=True).get(path, **given)


def event_path(event: Event) -> str:
    return event_address(shop_of(event.organization_id), event)


def product_path(product: Product) -> str:
    return product_address(shop_of(product.organization_id), product)


def home_path(organization: Organization) -> str:
    return f"/{organization.slug}/"


def document_of(answer: Any) -> dict[str, Any]:
    """Return what programs read on a page."""
    [found] = DOCUMENT.findall(answer.content.decode())
    document: dict[str, Any] = json.loads(found)
    return document


def titles_of(answer: Any) -> list[str]:
    """Return the titles of a list, in its order."""
    return re.findall(r"<h3><a href=\"[^\"]+\">([^<]+)</a></h3>", answer.content.decode())
