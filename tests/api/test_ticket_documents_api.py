"""Ticket documents over HTTP: the right media types, and refusals that say what to do."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from kassa.core.clock import utc_now
from kassa.tickets.domain.qr import read_qr, verify
from tests.support.factories import line, make_ticket_type
from tests.tickets.certificates import APPLE, apple_secrets
from tests.tickets.printing import Press, pages_of, read_codes

pytestmark = pytest.mark.django_db
API = "/api/v1"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 5"><rect width="20" height="5"/></svg>'


@pytest.fixture
def press() -> Press:
    return Press()


def test_tickets_and_calendars_are_files(press: Press) -> None:
    order = press.sell(quantity=2)
    ticket = press.tickets_of(order)[0]
    kinds = {
        f"orders/{order.id}/tickets.pdf": ("application/pdf", b"%PDF-"),
        f"tickets/{ticket.id}/ticket.pdf": ("application/pdf", b"%PDF-"),
        f"orders/{order.id}/calendar.ics": ("text/calendar", b"BEGIN:VCALENDAR"),
        f"tickets/{ticket.id}/calendar.ics": ("text/calendar", b"BEGIN:VCALENDAR"),
        "ticket-designs/default/preview.pdf": ("application/pdf", b"%PDF-"),
        f"events/{ticket.event_id}/ticket-design/preview.pdf": ("application/pdf", b"%PDF-"),
    }
    for path, (media_type, start) in kinds.items():
        answer = press.api.get(f"{API}/{path}?language=fr")
        assert (answer.status_code, answer["Content-Type"]) == (200, media_type)
        assert answer.content.startswith(start)
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"].startswith("inline")


def test_a_printed_code_is_checked_with_the_listed_keys_alone(press: Press) -> None:
    order = press.sell()
    (page,) = pages_of(press.api.get(f"{API}/orders/{order.id}/tickets.pdf").content)
    ((read,),) = [[read_qr(text) for text in read_codes(page)]]
    (key,) = press.api.get(f"{API}/signing-keys").json()["items"]

    assert read is not None
    assert read.key_id == key["key_id"]
    assert verify(read, base64.b64decode(key["public_key"]))


@pytest.mark.parametrize("name", ["tickets.pdf", "calendar.ics"])
def test_an_order_that_is_not_paid_has_no_documents(press: Press, name: str) -> None:
    held = press.place(line(make_ticket_type(press.event)))
    answer = press.api.get(f"{API}/orders/{held.id}/{name}")

    assert (answer.status_code, answer.json()["code"]) == (409, "no_tickets_to_print")


def test_an_unknown_language_is_refused(press: Press) -> None:
    answer = press.api.get(f"{API}/orders/{press.sell().id}/tickets.pdf?language=xx")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_keys_are_rotated_once_for_one_idempotency_key(press: Press) -> None:
    first = press.api.post(f"{API}/signing-keys/rotate", key="once")
    again = press.api.post(f"{API}/signing-keys/rotate", key="once")
    (listed,) = press.api.get(f"{API}/signing-keys").json()["items"]

    assert first.json() == again.json() == listed
    revoked = press.api.post(f"{API}/signing-keys/{listed['id']}/revoke").json()
    assert revoked["revoked_at"] is not None
    assert press.api.post(f"{API}/signing-keys/{listed['id']}/revoke").json() == revoked


def test_a_design_is_set_read_and_removed(press: Press) -> None:
    url = f"{API}/events/{press.event.id}/ticket-design"
    body = {"primary_color": "#102030", "notes": {"fr": "Bonjour"}, "logo": base64.b64encode(SVG).decode()}
    put = press.api.put(url, body)

    assert put.status_code == 200, put.content
    shown = press.api.get(url).json()
    assert shown == put.json()
    assert shown["logo"] == {"media_type": "image/svg+xml", "bytes": len(SVG), "width": 20.0, "height": 5.0}
    assert (shown["event"], shown["is_inherited"], shown["notes"]) == (
        str(press.event.id),
        False,
        {"fr": "Bonjour"},
    )
    assert press.api.put(url, {}).json()["logo"] == shown["logo"]
    assert press.api.put(url, {"logo": None}).json()["logo"] is None
    assert press.api.call("DELETE", url).status_code == 204
    assert press.api.get(url).json()["is_inherited"] is True


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"logo": base64.b64encode(b"no picture").decode()}, "picture_refused"),
        ({"logo": "A"}, "invalid_input"),
        ({"primary_color": "red"}, "invalid_input"),
        ({"notes": {"de": "Hallo"}}, "invalid_input"),
        ({"terms": {"en": "x" * 5000}}, "invalid_input"),
    ],
)
def test_what_is_no_design_is_refused(press: Press, body: dict[str, Any], code: str) -> None:
    answer = press.api.put(f"{API}/ticket-designs/default", body)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert press.api.get(f"{API}/ticket-designs/default").json()["updated_at"] is None


def test_passes_need_an_account_and_its_secrets_stay_hidden(press: Press) -> None:
    (ticket,) = press.tickets_of(press.sell())
    for name in ("pass.pkpass", "google-wallet"):
        refused = press.api.get(f"{API}/tickets/{ticket.id}/{name}")
        assert (refused.status_code, refused.json()["code"]) == (404, "wallet_not_configured")

    secrets = apple_secrets()
    url = f"{API}/wallet-accounts/apple"
    put = press.api.put(url, {"configuration": APPLE, "secrets": secrets})
    assert put.status_code == 200, put.content
    assert press.api.get(url).json() == put.json()
    assert not any(secret[40:80] in put.content.decode() for secret in secrets.values())

    answer = press.api.get(f"{API}/tickets/{ticket.id}/pass.pkpass")
    assert answer["Content-Type"] == "application/vnd.apple.pkpass"
    assert "signature" in ZipFile(BytesIO(answer.content)).namelist()
    assert press.api.call("DELETE", url).status_code == 204
    assert press.api.get(f"{API}/tickets/{ticket.id}/pass.pkpass").status_code == 404
    assert press.api.get(f"{API}/wallet-accounts/samsung").status_code == 404
    assert utc_now().isoformat() < put.json()["expires_at"]
