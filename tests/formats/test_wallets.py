"""Passes for wallets, held against what Apple and Google publish of their formats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import jsonschema_rs
import jwt
import orjson
import pytest
from django.test import Client
from PIL import Image

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.orders.models import Ticket
from kassa.organizations.models import Organization
from kassa.tickets.domain.wallet import apple_pass, google_wallet_link
from kassa.tickets.domain.wallet_accounts import configure_wallet
from kassa.tickets.enums import WalletKind
from tests.support.factories import make_event
from tests.tickets.certificates import APPLE, GOOGLE, apple_secrets, new_key, pem_of
from tests.tickets.printing import Press

pytestmark = pytest.mark.django_db
LONGEST_LINK = 1800
LONG = "Ein sehr langer Name mit Ümläuten und 漢字 " * 6


def text(**more: Any) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "pattern": "^[^\u200b-\u200d\u2060\ufeff]*$", **more}


LOCALIZED = {
    "type": "object",
    "required": ["defaultValue"],
    "properties": {
        "defaultValue": {
            "type": "object",
            "required": ["language", "value"],
            "properties": {"language": text(), "value": text()},
        }
    },
}
MOMENT = text(format="date-time")
IMAGE = {
    "type": "object",
    "required": ["sourceUri"],
    "properties": {
        "sourceUri": {"type": "object", "required": ["uri"], "properties": {"uri": text(format="uri")}}
    },
}
IDENTIFIER = text(pattern=r"^[0-9]+\.[\w.-]+$")
BARCODE = {
    "type": "object",
    "required": ["type", "value"],
    "properties": {"type": {"const": "QR_CODE"}, "value": text(), "alternateText": text()},
}
CLASS = {
    "id": IDENTIFIER,
    "issuerName": text(),
    "reviewStatus": {"enum": ["UNDER_REVIEW", "DRAFT"]},
    "logo": IMAGE,
}
OBJECT = {"id": IDENTIFIER, "classId": IDENTIFIER, "state": {"enum": ["ACTIVE"]}, "barcode": BARCODE}


def one(required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a list of one object that has nothing else."""
    of = {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }
    return {"type": "array", "minItems": 1, "maxItems": 1, "items": of}


GOOGLE_EVENT = {
    "type": "object",
    "required": ["eventTicketClasses", "eventTicketObjects"],
    "properties": {
        "eventTicketClasses": one(
            ["id", "issuerName", "reviewStatus", "eventName"],
            {
                **CLASS,
                "eventName": LOCALIZED,
                "venue": {
                    "type": "object",
                    "required": ["name", "address"],
                    "properties": {"name": LOCALIZED, "address": LOCALIZED},
                },
                "dateTime": {"type": "object", "properties": {"start": MOMENT, "end": MOMENT}},
            },
        ),
        "eventTicketObjects": one(
            ["id", "classId", "state"],
            {
                **OBJECT,
                "seatInfo": {"type": "object", "additionalProperties": LOCALIZED},
                "ticketHolderName": text(),
                "ticketType": LOCALIZED,
                "hexBackgroundColor": text(pattern="^#[0-9a-f]{6}$"),
                "reservationInfo": {"type": "object", "properties": {"confirmationCode": text()}},
            },
        ),
    },
}
LEG = {
    "type": "object",
    "properties": {
        "originName": LOCALIZED,
        "destinationName": LOCALIZED,
        "departureDateTime": MOMENT,
        "arrivalDateTime": MOMENT,
        "carriage": text(),
        "ticketSeat": {"type": "object", "properties": {"seat": text()}},
    },
    "additionalProperties": False,
}
GOOGLE_TRIP = {
    "type": "object",
    "required": ["transitClasses", "transitObjects"],
    "properties": {
        "transitClasses": one(
            ["id", "issuerName", "reviewStatus", "logo", "transitType"],
            {**CLASS, "transitType": {"const": "BUS"}, "transitOperatorName": LOCALIZED},
        ),
        "transitObjects": one(
            ["id", "classId", "state", "tripType"],
            {
                **OBJECT,
                "tripType": {"enum": ["ONE_WAY", "ROUND_TRIP"]},
                "ticketLeg": LEG,
                "passengerNames": text(),
                "ticketNumber": text(),
                "hexBackgroundColor": text(pattern="^#[0-9a-f]{6}$"),
            },
        ),
    },
}
FIELDS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["key", "value"],
        "properties": {"key": text(), "label": {"type": "string"}, "value": text()},
    },
}
PLACES = ("headerFields", "primaryFields", "secondaryFields", "auxiliaryFields", "backFields")
STYLE: dict[str, Any] = {"type": "object", "properties": dict.fromkeys(PLACES, FIELDS)}
NAMES = ("passTypeIdentifier", "serialNumber", "teamIdentifier", "organizationName", "description")
COLOR = text(pattern=r"^rgb\(\d{1,3}, \d{1,3}, \d{1,3}\)$")
APPLE_PASS = {
    "type": "object",
    "required": ["formatVersion", *NAMES],
    "properties": {
        "formatVersion": {"const": 1},
        **{name: text() for name in NAMES},
        "backgroundColor": COLOR,
        "foregroundColor": COLOR,
        "labelColor": COLOR,
        "relevantDate": MOMENT,
        "expirationDate": MOMENT,
        "logoText": text(),
        "voided": {"type": "boolean"},
        "barcodes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["format", "message", "messageEncoding"],
                "properties": {"format": {"const": "PKBarcodeFormatQR"}, "message": text()},
            },
        },
        "eventTicket": STYLE,
        "boardingPass": {
            **STYLE,
            "required": ["transitType"],
            "properties": {**STYLE["properties"], "transitType": text()},
        },
    },
    "oneOf": [{"required": ["eventTicket"]}, {"required": ["boardingPass"]}],
    "additionalProperties": False,
}  # fmt: skip


@pytest.fixture
def press() -> Press:
    press = Press()
    secrets = {"private_key": pem_of(new_key("google"))}
    for kind, configuration, given in (("apple", APPLE, apple_secrets()), ("google", GOOGLE, secrets)):
        configure_wallet(
            CommandContext.system(press.organization.id, now=utc_now()),
            WalletKind(kind),
            configuration=configuration,
            secrets=given,
        )
    return press


def a_ticket(press: Press, kind: str, *, is_long: bool) -> Ticket:
    starts_at = datetime(2027, 10, 31, 0, 45, tzinfo=UTC)
    words = LONG.strip() if is_long else "Night of Strings"
    fields: dict[str, Any] = {
        "title": words[:200],
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=3),
        "time_zone": "Europe/Berlin",
        "venue_name": words[:120],
        "address": words[:120],
        "city": "Leipzig",
    }
    if kind == "trip":
        fields |= {"kind": "trip", "origin": words[:100], "destination": "London", "vehicle": words[:60]}
    if is_long:
        Organization.objects.filter(id=press.organization.id).update(name=words[:120])
    (ticket,) = press.tickets_of(press.sell(make_event(press.organization, **fields)))
    Ticket.objects.of(press.organization.id).filter(id=ticket.id).update(
        attendee_first_name=words[:100], attendee_last_name="Lovelace", seat_label=words[:100]
    )
    return ticket


@pytest.mark.parametrize("is_long", [False, True], ids=["short", "long"])
@pytest.mark.parametrize(("kind", "schema"), [("event", GOOGLE_EVENT), ("trip", GOOGLE_TRIP)])
def test_googles_link_is_short_and_complete(
    press: Press, kind: str, schema: dict[str, Any], is_long: bool
) -> None:
    ticket = a_ticket(press, kind, is_long=is_long)

    link = google_wallet_link(press.organization.id, ticket.id, utc_now())

    assert len(link) <= LONGEST_LINK
    claims = jwt.decode(
        link.rpartition("/")[2], new_key("google").public_key(), algorithms=["RS256"], audience="google"
    )
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    assert [str(error) for error in validator.iter_errors(claims["payload"])] == []


def test_googles_coach_ticket_has_a_logo_that_is_there(press: Press) -> None:
    ticket = a_ticket(press, "trip", is_long=False)
    link = google_wallet_link(press.organization.id, ticket.id, utc_now())
    claims = jwt.decode(link.rpartition("/")[2], options={"verify_signature": False})
    uri = claims["payload"]["transitClasses"][0]["logo"]["sourceUri"]["uri"]

    answer = Client().get("/" + uri.partition("//")[2].partition("/")[2])

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert Image.open(BytesIO(answer.content)).size == (660, 660)


@pytest.mark.parametrize("is_long", [False, True], ids=["short", "long"])
@pytest.mark.parametrize("kind", ["event", "trip"])
def test_apples_pass_is_as_apple_wants_it(press: Press, kind: str, is_long: bool) -> None:
    ticket = a_ticket(press, kind, is_long=is_long)

    with ZipFile(BytesIO(apple_pass(press.organization.id, ticket.id, utc_now()))) as archive:
        shown = orjson.loads(archive.read("pass.json"))

    validator = jsonschema_rs.Draft202012Validator(APPLE_PASS, validate_formats=True)
    assert [str(error) for error in validator.iter_errors(shown)] == []
