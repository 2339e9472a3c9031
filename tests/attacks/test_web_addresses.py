"""What pages link to is an address of the web: nothing that runs in whoever follows the link."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from kassa.core.fields import WEB_ADDRESS
from kassa.core.migrations._web_addresses import clean
from tests.support.api_client import make_api_client
from tests.support.factories import make_event, make_organization, make_product

pytestmark = pytest.mark.django_db

HARMFUL = (
    "javascript:alert(1)",
    "JavaScript:alert(1)//https://harbour.example",
    "\tjavascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox",
    "//evil.example",
    "https:evil.example",
    "https://user@evil.example/",
    "https://",
    "ftp://harbour.example",
    "www.harbour.example",
)
HARMLESS = ("", "https://harbour.example", "http://harbour.example:8080/a?b=c#d", "https://münchen.example/ä")
URL_COLUMNS = [
    (model, field.name)
    for model in apps.get_models()
    if model.__module__.startswith("kassa.")
    for field in model._meta.get_fields()
    if isinstance(field, models.URLField)
]
FIELDS = (
    ("/organization", "website"),
    ("/organization", "logo"),
    ("/organization", "settings.privacy_policy_url"),
    ("/organization", "settings.terms_of_service_url"),
    ("/events/{event}", "virtual_event_url"),
    ("/events/{event}", "featured_image"),
    ("/events/{event}", "gallery_images"),
    ("/products/{product}", "image"),
)


def test_there_are_columns_with_addresses() -> None:
    assert {name for _, name in URL_COLUMNS} >= {"website", "logo", "avatar", "virtual_event_url", "image"}


@pytest.mark.parametrize(
    ("model", "column"), URL_COLUMNS, ids=lambda value: getattr(value, "__name__", value)
)
def test_the_database_takes_no_address_that_runs(model: type[models.Model], column: str) -> None:
    constraints = [
        constraint
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint) and constraint.name.endswith("_web_addresses")
    ]

    assert any(
        f"'{column}__regex', {WEB_ADDRESS!r}" in repr(constraint.condition) for constraint in constraints
    )


def test_it_refuses_what_no_program_has_looked_at() -> None:
    organization = make_organization()
    for address in HARMFUL:
        with pytest.raises(IntegrityError), transaction.atomic():
            type(organization).objects.filter(id=organization.id).update(website=address)
    for address in HARMLESS:
        type(organization).objects.filter(id=organization.id).update(website=address)


@pytest.mark.parametrize(("path", "field"), FIELDS)
def test_the_api_takes_addresses_of_the_web_alone(path: str, field: str) -> None:
    organization = make_organization()
    api = make_api_client(organization)
    event, product = make_event(organization), make_product(organization)
    url = "/api/v1" + path.format(event=event.id, product=product.id)

    def send(address: str) -> tuple[int, object]:
        value: object = [address] if field == "gallery_images" else address
        for name in reversed(field.split(".")):
            value = {name: value}
        answer = api.patch(url, value)
        return answer.status_code, [error["field"] for error in answer.json().get("errors", ())]

    for address in HARMFUL:
        refused = [f"{field}.0"] if field == "gallery_images" else [field]
        assert send(address) == (422, refused), address
    for address in HARMLESS:
        assert send(address) == (200, []), address


def test_addresses_from_before_are_brought_into_form() -> None:
    """As long as nothing refuses them, which is the control, they are what they were typed as."""
    typed = {
        "www.harbour.example": "https://www.harbour.example",
        "harbour.example/tickets": "https://harbour.example/tickets",
        "javascript:alert(1)": "",
        "javascript:80": "",
        "HTTP://x": "http://x",
        "HTTP://Halle.example": "http://Halle.example",
        "Https://halle.example/": "https://halle.example/",
        "halle.example:8080/x": "https://halle.example:8080/x",
        "halle.example?x=1": "https://halle.example?x=1",
        "Halle.example#A:B": "https://Halle.example#A:B",
        "https://harbour.example": "https://harbour.example",
    }
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE typed (address text, became text) ON COMMIT DROP")
        cursor.executemany("INSERT INTO typed VALUES (%s, %s)", [(one, one) for one in typed])
        cursor.execute(clean("typed", "became"))
        cursor.execute("SELECT address, became FROM typed")
        assert dict(cursor.fetchall()) == typed
