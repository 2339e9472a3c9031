"""The drawn code is read by a decoder that knows nothing of how it was drawn."""

from __future__ import annotations

from io import BytesIO

import typst
import zxingcpp
from PIL import Image

from kassa.tickets.domain.qr import qr_text
from kassa.tickets.domain.qr_image import BORDER, qr_code, qr_svg
from tests.tickets.test_qr import KEY, a_ticket


def read_image(picture: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def test_the_picture_is_read_by_an_independent_decoder() -> None:
    for text in (*(qr_text(a_ticket(), KEY) for _ in range(20)), "KASSA:0", "KASSA:" + "A" * 200, "7" * 130):
        png = BytesIO()
        qr_code(text).save(png, kind="png", scale=5, border=BORDER)
        assert read_image(Image.open(png)) == [text]


def test_the_svg_shows_the_same() -> None:
    text = qr_text(a_ticket(), KEY)
    svg = qr_svg(text)
    source = "#set page(width: 60mm, height: 60mm, margin: 0mm)\n#image(bytes(sys.inputs.svg), width: 60mm)"
    png = typst.compile(source.encode(), format="png", sys_inputs={"svg": svg})

    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 49 49"')
    assert isinstance(png, bytes)
    assert read_image(Image.open(BytesIO(png))) == [text]
