"""Passes: what is on them, and signatures that others can check."""

from __future__ import annotations

import hashlib
import json
import subprocess
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import jwt
import pytest
from PIL import Image

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import NotFound
from kassa.orders.domain.codes import spaced
from kassa.orders.models import Ticket
from kassa.tickets.domain.wallet import apple_pass, google_wallet_link, wallets_of
from kassa.tickets.domain.wallet_accounts import configure_wallet
from kassa.tickets.enums import WalletKind
from kassa.tickets.errors import NoTicketsToPrint, WalletNotConfigured
from tests.support.factories import line, make_event, make_organization, make_ticket_type
from tests.tickets.certificates import APPLE, GOOGLE, TEAM_ID, apple_secrets, new_key, pem_of
from tests.tickets.printing import Press

STARTS = datetime(2027, 6, 11, 17, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def press() -> Press:
    press = Press()
    set_up(press, WalletKind.APPLE)
    set_up(press, WalletKind.GOOGLE)
    return press


def set_up(press: Press, kind: WalletKind) -> None:
    is_apple = kind == WalletKind.APPLE
    configure_wallet(
        CommandContext.system(press.organization.id, now=utc_now()),
        kind,
        configuration=APPLE if is_apple else GOOGLE,
        secrets=apple_secrets() if is_apple else {"private_key": pem_of(new_key("google"))},
    )


def concert(press: Press, **fields: Any) -> Event:
    given: dict[str, Any] = {"starts_at": STARTS, "time_zone": "Europe/Berlin", "venue_name": "Lindenhof"}
    return make_event(press.organization, **{**given, **fields})


def trip(press: Press) -> Event:
    return concert(
        press,
        kind="trip",
        origin="Bristol",
        destination="London",
        vehicle="Coach 12",
        ends_at=STARTS + timedelta(hours=3),
        venue_name="",
    )


def opened(press: Press, ticket: Ticket) -> dict[str, bytes]:
    with ZipFile(BytesIO(apple_pass(press.organization.id, ticket.id, utc_now()))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def claims_of(press: Press, ticket: Ticket) -> dict[str, Any]:
    link = google_wallet_link(press.organization.id, ticket.id, utc_now())
    start, _, token = link.rpartition("/")
    assert start == "https://pay.google.com/gp/v/save"
    claims: dict[str, Any] = jwt.decode(
        token, new_key("google").public_key(), algorithms=["RS256"], audience="google"
    )
    return claims


def test_a_pass_holds_what_its_list_says(press: Press) -> None:
    (ticket,) = press.tickets_of(press.sell(concert(press)))
    parts = opened(press, ticket)
    listed = json.loads(parts["manifest.json"])

    assert set(listed) == parts.keys() - {"manifest.json", "signature"}
    assert listed == {name: hashlib.sha1(parts[name]).hexdigest() for name in listed}  # noqa: S324
    assert {name: Image.open(BytesIO(parts[name])).size for name in listed if name.startswith("icon")} == {
        "icon.png": (29, 29),
        "icon@2x.png": (58, 58),
        "icon@3x.png": (87, 87),
    }


def test_openssl_finds_the_signature_right_and_any_other_list_wrong(press: Press, tmp_path: Path) -> None:
    (ticket,) = press.tickets_of(press.sell(concert(press)))
    parts = opened(press, ticket)
    (tmp_path / "signature").write_bytes(parts["signature"])
    (tmp_path / "authority.pem").write_text(apple_secrets()["intermediate_certificate"])

    def verified(manifest: bytes) -> bool:
        (tmp_path / "manifest.json").write_bytes(manifest)
        command = ["openssl", "smime", "-verify", "-binary", "-inform", "DER", "-in", "signature"]
        more = ["-content", "manifest.json", "-CAfile", "authority.pem", "-purpose", "any"]
        done = subprocess.run([*command, *more], cwd=tmp_path, capture_output=True, timeout=30, check=False)
        return done.returncode == 0 and done.stdout == manifest

    assert verified(parts["manifest.json"])
    assert not verified(parts["manifest.json"].replace(b"icon", b"icom"))


def test_a_pass_says_what_is_on_the_ticket(press: Press) -> None:
    (ticket,) = press.tickets_of(press.sell(concert(press)))
    said = json.loads(opened(press, ticket)["pass.json"])

    assert (said["passTypeIdentifier"], said["teamIdentifier"]) == (APPLE["pass_type_id"], TEAM_ID)
    assert said["serialNumber"] == str(ticket.id)
    assert said["barcodes"] == [
        {
            "format": "PKBarcodeFormatQR",
            "message": press.qr_texts([ticket])[0],
            "messageEncoding": "iso-8859-1",
            "altText": spaced(ticket.code),
        }
    ]
    assert said["relevantDate"] == "2027-06-11T19:30:00+02:00"
    assert said["eventTicket"]["primaryFields"] == [
        {"key": "event", "label": "", "value": "Night of Strings"}
    ]
    assert {"key": "venue", "label": "Venue", "value": "Lindenhof"} in said["eventTicket"]["secondaryFields"]
    assert "boardingPass" not in said


def test_a_trip_is_a_boarding_pass(press: Press) -> None:
    (ticket,) = press.tickets_of(press.sell(trip(press)))
    said = json.loads(opened(press, ticket)["pass.json"])

    assert said["boardingPass"]["transitType"] == "PKTransitTypeBus"
    assert [field["value"] for field in said["boardingPass"]["primaryFields"]] == ["Bristol", "London"]
    assert "eventTicket" not in said


def test_googles_link_is_signed_and_says_the_same(press: Press) -> None:
    (ticket,) = press.tickets_of(press.sell(concert(press)))
    claims = claims_of(press, ticket)
    (object_,) = claims["payload"]["eventTicketObjects"]
    (class_,) = claims["payload"]["eventTicketClasses"]

    assert (claims["iss"], claims["typ"]) == (GOOGLE["service_account"], "savetowallet")
    assert object_["classId"] == class_["id"]
    assert object_["barcode"] == {
        "type": "QR_CODE",
        "value": press.qr_texts([ticket])[0],
        "alternateText": spaced(ticket.code),
    }
    assert class_["eventName"]["defaultValue"] == {"language": "en", "value": "Night of Strings"}
    assert class_["dateTime"] == {"start": "2027-06-11T19:30:00+02:00"}


def test_a_new_code_makes_another_object(press: Press) -> None:
    (ticket,) = press.tickets_of(press.sell(concert(press)))
    before = claims_of(press, ticket)["payload"]["eventTicketObjects"][0]["id"]
    Ticket.objects.of(press.organization.id).filter(id=ticket.id).update(code="K7QM4TWX9PRJ")

    assert claims_of(press, ticket)["payload"]["eventTicketObjects"][0]["id"] != before


def test_googles_trip_is_by_bus(press: Press) -> None:
    (ticket,) = press.tickets_of(press.sell(trip(press)))
    payload = claims_of(press, ticket)["payload"]

    assert payload["transitClasses"][0]["transitType"] == "BUS"
    assert payload["transitObjects"][0]["ticketLeg"]["originName"]["defaultValue"]["value"] == "Bristol"


@pytest.mark.parametrize("make", [apple_pass, google_wallet_link])
def test_without_an_account_there_are_no_passes(make: Any) -> None:
    press = Press()
    (ticket,) = press.tickets_of(press.sell())

    assert wallets_of(press.organization.id) == set()
    with pytest.raises(WalletNotConfigured):
        make(press.organization.id, ticket.id, utc_now())


@pytest.mark.parametrize("make", [apple_pass, google_wallet_link])
def test_only_valid_tickets_of_ones_own_make_passes(press: Press, make: Any) -> None:
    held = press.place(line(make_ticket_type(concert(press))))
    others = make_organization()

    with pytest.raises(NoTicketsToPrint):
        make(press.organization.id, press.tickets_of(held)[0].id, utc_now())
    with pytest.raises(NotFound):
        make(press.organization.id, uuid4(), utc_now())
    with pytest.raises(WalletNotConfigured):
        make(others.id, press.tickets_of(held)[0].id, utc_now())


def test_no_passes_are_made_with_an_expired_certificate(press: Press) -> None:
    (ticket,) = press.tickets_of(press.sell())
    later = utc_now() + timedelta(days=400)

    assert wallets_of(press.organization.id, utc_now()) == {WalletKind.APPLE, WalletKind.GOOGLE}
    assert wallets_of(press.organization.id, later) == {WalletKind.GOOGLE}
    with pytest.raises(WalletNotConfigured):
        apple_pass(press.organization.id, ticket.id, later)
