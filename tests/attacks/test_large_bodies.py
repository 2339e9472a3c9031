"""Who sends 200 MB to any page wants to fill the disk and the memory before the page is even looked up."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.attacks.wire import connections, head, read_answer, send_much
from tests.support.kassa_process import KassaProcess
from tests.support.process_tree import tree_of

SIZE = 200_000_000
ORGANISATION = "01900000-0000-7000-8000-000000000000"
PATHS = [
    "/tickets/x",
    "/orders/x/return",
    "/orders/x",
    "/transfers/x",
    "/account/login/",
    "/account/signup/",
    f"/waiting/shop/{ORGANISATION}/place",
    "/demo-bank/pay/x",
    "/shop/cart",
    "/shop/checkout/x",
    f"/shop/events/{ORGANISATION}/choose",
    "/checkin/",
    "/webhooks/stripe",
    "/api/v1/orders",
    "/api/v1/uploads",
    "/api/v1/pictures",
    "/nowhere",
]
FORM = "Content-Type: multipart/form-data; boundary=edge"
PART = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'


@pytest.mark.parametrize("is_chunked", [False, True], ids=["length", "chunks"])
@pytest.mark.parametrize("path", PATHS)
def test_much_is_refused_before_it_is_written_anywhere(
    kassa: KassaProcess, path: str, is_chunked: bool
) -> None:
    before = written(kassa)
    with connections(kassa.port, 1) as [attacker]:
        if is_chunked:
            attacker.sendall(head(f"POST {path}", FORM, "Transfer-Encoding: chunked"))
            attacker.sendall(b"%x\r\n" % SIZE + PART)
        else:
            attacker.sendall(head(f"POST {path}", FORM, f"Content-Length: {SIZE}") + PART)
        sent = send_much(attacker, SIZE)
        during = written(kassa)
        status, _ = read_answer(attacker)
    assert status in (401, 404, 413)
    assert sent < 20_000_000  # what lies in the buffers of the system
    assert during == before
    assert written(kassa) == before


def written(kassa: KassaProcess) -> dict[str, int]:
    """Return how long every file is that the web processes hold open, or have left for themselves."""
    found: dict[str, int] = {}
    web = kassa.child("web")
    assert web is not None
    for pid in tree_of(web):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            if link.is_file():  # no socket, no pipe
                found[str(link.readlink())] = link.stat().st_size
    for path in (kassa.data_dir / "uploads").iterdir():
        found[str(path)] = path.stat().st_size
    found.pop(str(kassa.folder / "serve.log"), None)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/tickets/x", "/orders/x/return", "/account/login/"])
def test_control_the_application_itself_would_read_all_of_it(
    client: Client, path: str, tmp_path: Path, settings: Any
) -> None:
    """Without the front, three megabytes are read and written down before the page is looked up."""
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "made when it is needed"
    content = PART + bytes(3_000_000) + b"\r\n--edge--\r\n"
    body = Counted(content)
    head: dict[str, Any] = {
        "CONTENT_TYPE": FORM.partition(": ")[2],
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.input": body,
    }
    client.generic("POST", path, **head)
    assert body.count == len(content)
    assert settings.FILE_UPLOAD_TEMP_DIR.is_dir()


class Counted(io.BytesIO):
    """A body that knows how much of it was read."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.count += len(piece)
        return piece


def test_the_right_way_still_works(kassa: KassaProcess) -> None:
    """A key may send five megabytes; what is in them is another matter."""
    secret = kassa.seed()["secret"]
    content = PART + bytes(5_000_000) + b"\r\n--edge--\r\n"
    with connections(kassa.port, 1) as [client]:
        client.sendall(
            head(
                "POST /api/v1/uploads",
                FORM,
                f"Authorization: Bearer {secret}",
                f"Content-Length: {len(content)}",
            )
        )
        client.sendall(content)
        status, body = read_answer(client)
    assert status == 422
    assert b"PDF document" in body
