"""What a message shows beside its words: the tickets with their codes, and the organisation's logo."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
import zxingcpp
from django.conf import settings
from django.test import Client
from PIL import Image

from kassa.core.command_context import CommandContext
from kassa.notifications.domain import attachments, blocks
from kassa.organizations.models import Organization
from kassa.pictures.addresses import mail_picture, picture_url
from kassa.pictures.domain.keep import keep_picture
from kassa.tickets.domain.genuine import Genuine, check_qr
from kassa.tickets.domain.links import ticket_link
from tests.notifications.office import Office
from tests.support.factories import line

LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 50">'
    b'<rect width="200" height="50" fill="#c00"/></svg>'
)
BROWSER = Client()


def pictures_in(html: str) -> list[str]:
    return re.findall(r'<img [^>]*src="([^"]+)"', html)


def test_a_confirmation_shows_the_codes_of_its_tickets(office: Office) -> None:
    """The pictures that it asks for are there, and the door lets their codes in."""
    assert office.sold
    office.work()
    message = office.message("order_confirmed")

    found = []
    for address in pictures_in(message.html):
        answer = BROWSER.get(address.removeprefix(settings.BASE_URL))
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"  # webmail shows it on its own host
        [code] = zxingcpp.read_barcodes(Image.open(BytesIO(answer.content)).convert("L"))
        found.append(check_qr(office.id, code.text))

    assert {one.code for one in found if isinstance(one, Genuine)} == {
        ticket.code for ticket in office.tickets_of(office.sold)
    }
    for ticket in office.tickets_of(office.sold):
        link = ticket_link(office.id, ticket.id, 0, ticket.code)
        assert f'href="{link}"' in message.html
        assert link in message.text


def test_of_many_tickets_the_first_are_linked_to(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MOST_TICKETS", 1)
    monkeypatch.setattr(blocks, "MOST_CODES", 1)
    assert office.sold
    office.work()
    message = office.message("order_confirmed")

    assert message.text.count("/tickets/") == 1
    assert "… and 1 more on your order page." in message.text
    assert pictures_in(message.html) == []


def test_tickets_that_do_not_go_along_can_be_downloaded(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an organisation's own words as well, though they say nothing of it."""
    monkeypatch.setattr(attachments, "MOST_TICKETS", 1)
    assert office.sold
    office.work()
    message = office.message("order_confirmed")
    [link] = re.findall(r"\S+/tickets\.pdf", message.text)

    assert BROWSER.get(link.strip("()").removeprefix(settings.BASE_URL)).status_code == 200
    assert "attached" not in message.text


def test_a_code_that_has_ended_is_no_picture(office: Office) -> None:
    old = office.ticket
    office.reissue()
    path = f"{ticket_link(office.id, old.id, 0, old.code)}/qr.png".removeprefix(settings.BASE_URL)

    assert BROWSER.get(path).status_code == 404


def test_a_logo_that_lies_in_kassa_is_shown_as_a_picture_of_points(office: Office) -> None:
    """Mail programs show no drawings; without https the address is ours all the same."""
    picture, _ = keep_picture(
        CommandContext.system(office.id, now=office.now), content=LOGO, alternative_text=""
    )
    logo = picture_url(picture.id, "svg")
    Organization.objects.filter(id=office.id).update(logo=logo)
    office.place(line(office.standing))
    office.work()

    address = pictures_in(office.messages("order_placed")[-1].html)[0]
    answer = BROWSER.get(address.removeprefix(settings.BASE_URL))

    assert address == f"{settings.BASE_URL}/pictures/{picture.id}.png"
    image = Image.open(BytesIO(answer.content))
    assert (image.format, image.size) == ("PNG", (480, 120))
    assert image.convert("RGB").getpixel((240, 60)) == (204, 0, 0)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://cdn.example/logo.png", "https://cdn.example/logo.png"),
        ("http://cdn.example/logo.png", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_a_logo_elsewhere_is_shown_over_https_alone(url: str, shown: str) -> None:
    assert mail_picture(url) == shown
