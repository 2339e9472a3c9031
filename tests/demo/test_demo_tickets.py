"""Every QR code of the demo: printed, read by an independent decoder, and let in at the door."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pypdfium2
import pytest
import zxingcpp
from django.test import Client

from kassa.core.clock import utc_now
from kassa.orders.models import Order, Ticket
from kassa.tickets.domain import base45
from kassa.tickets.domain.documents import tickets_pdf
from kassa.tickets.domain.qr import MARK

DOTS_PER_POINT = 150 / 72
"""A poor office printer."""
QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


class Door:
    """One organisation's door, over HTTP."""

    def __init__(self, described: dict[str, Any]) -> None:
        self.organization_id = UUID(described["id"])
        self.client = Client(headers={"Authorization": f"Bearer {described['api_key']}"})
        self.lists: dict[str, str] = {one["event"]["id"]: one["id"] for one in self._lists()}

    def _lists(self) -> Iterator[dict[str, Any]]:
        page = self.client.get("/api/v1/checkin-lists?limit=100").json()
        assert page["next"] is None
        yield from page["items"]

    def open(self, event_id: str) -> str:
        """Open the doors of an event now, make a list where it has none, and return its list."""
        if event_id not in self.lists:
            body = {"event": event_id, "name": "Door"}
            made = self.client.post("/api/v1/checkin-lists", body, content_type="application/json")
            assert made.status_code == 201, made.content
            self.lists[event_id] = made.json()["id"]
        path = f"/api/v1/checkin-lists/{self.lists[event_id]}"
        opened: dict[str, Any] = {"doors_open_at": None, "doors_close_at": None, "ticket_types": []}
        assert self.client.patch(path, opened, content_type="application/json").status_code == 200
        return self.lists[event_id]

    def scan(self, list_id: str, text: str) -> dict[str, Any]:
        body = {"id": str(uuid4()), "list": list_id, "ticket": text, "kind": "entry"}
        answer = self.client.post("/api/v1/checkins", body, content_type="application/json")
        assert answer.status_code == 200, answer.content
        return dict(answer.json())


@pytest.fixture(autouse=True)
def _unlimited(settings: Any) -> None:
    """Let one key scan hundreds of codes in a second or two, as no door does."""
    settings.RATES = {"api_key": None, "api_organization": None}


def printed(pdf: bytes) -> list[str]:
    """Return what is in the QR code of each page, as a stranger's decoder reads it from the picture."""
    document = pypdfium2.PdfDocument(pdf)
    texts = []
    for page in document:
        picture = page.render(scale=DOTS_PER_POINT).to_pil()
        [found] = zxingcpp.read_barcodes(picture, formats=QR)
        texts.append(found.text)
    document.close()
    return texts


def with_a_bit_flipped(text: str, bit: int) -> str:
    data = bytearray(base45.decode(text.removeprefix(MARK)))
    data[bit // 8] ^= 1 << bit % 8
    return MARK + base45.encode(bytes(data))


def test_every_ticket_of_the_demo_is_printed_read_and_let_in_once(demo: dict[str, Any]) -> None:
    chance = random.Random(4)
    let_in = 0
    for described in demo["organizations"]:
        door = Door(described)
        orders = Order.objects.of(door.organization_id).filter(tickets__status="valid").distinct()
        for order in orders:
            valid = list(
                Ticket.objects.of(door.organization_id)
                .filter(order=order, status="valid", frozen_at=None, blocked_at=None)
                .order_by("id")
            )
            texts = printed(
                tickets_pdf(door.organization_id, order_id=order.id, language=None, now=utc_now())
            )
            assert len(texts) == len(valid) == len(set(texts))
            door_of = {str(ticket.event_id): door.open(str(ticket.event_id)) for ticket in valid}
            seen = set()
            for text in texts:
                forged = with_a_bit_flipped(text, chance.randrange(97 * 8))
                results = {
                    event: (door.scan(list_id, forged)["accepted"], door.scan(list_id, text))
                    for event, list_id in door_of.items()
                }
                accepted = [answer for _, answer in results.values() if answer["accepted"]]
                assert not any(is_forgery_let_in for is_forgery_let_in, _ in results.values())
                assert [answer["result"] for answer in accepted] == ["valid"]
                seen.add(accepted[0]["ticket"]["id"])
                let_in += 1
            assert seen == {str(ticket.id) for ticket in valid}
    assert let_in > 100


@pytest.mark.usefixtures("loaded")
def test_any_flipped_bit_of_a_printed_ticket_is_refused(demo: dict[str, Any], loaded: datetime) -> None:
    door = Door(demo["organizations"][0])
    ticket = Ticket.objects.of(door.organization_id).filter(status="valid", frozen_at=None).first()
    assert ticket is not None
    list_id = door.open(str(ticket.event_id))
    [text] = printed(tickets_pdf(door.organization_id, ticket_ids=[ticket.id], language="fr", now=loaded))

    answers = [door.scan(list_id, with_a_bit_flipped(text, bit)) for bit in range(97 * 8)]

    assert not any(answer["accepted"] for answer in answers)
    assert {answer["ticket"] for answer in answers} == {None}
    assert door.scan(list_id, text)["result"] == "valid"
