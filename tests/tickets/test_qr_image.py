"""The drawn code: module for module what segno draws, and read by a decoder that knows neither."""

from __future__ import annotations

from io import BytesIO

import pytest
import segno
import typst
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kassa.tickets.domain.base45 import LETTERS
from kassa.tickets.domain.qr import qr_text
from kassa.tickets.domain.qr_image import qr_svg
from kassa.tickets.domain.qr_matrix import LONGEST, MASK, SHORTEST, qr_matrix
from tests.tickets.test_qr import KEY, a_ticket


def drawn_by_segno(text: str) -> list[bytes]:
    made = segno.make_qr(text, error="m", boost_error=False, mask=MASK)
    return [bytes(row) for row in made.matrix]


def read_image(picture: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def differs_harmlessly(text: str) -> bool:
    """Say whether segno packs digits more tightly, or adds a byte of zeros where the bits end with a byte."""
    bits = 4 + 9 + 11 * (len(text) // 2) + 6 * (len(text) % 2) + 4
    return text.isdigit() or bits % 8 == 0


@given(st.text(alphabet=LETTERS, min_size=SHORTEST, max_size=LONGEST))
def test_every_module_is_where_segno_puts_it(text: str) -> None:
    assert qr_matrix(text) == drawn_by_segno(text) or differs_harmlessly(text)


def test_the_length_of_our_codes_is_one_of_those_that_are_compared() -> None:
    assert not any(differs_harmlessly(qr_text(a_ticket(), KEY)) for _ in range(10))


@pytest.mark.parametrize("text", ["KASSA:0", "KASSA:" + "A" * 200, "Größe", "x" * 130])
def test_texts_of_other_sizes_are_drawn_too(text: str) -> None:
    assert qr_matrix(text) == drawn_by_segno(text)


def test_the_picture_is_read_by_an_independent_decoder() -> None:
    for text in (*(qr_text(a_ticket(), KEY) for _ in range(20)), "KASSA:" + "A1" * 64 + "B", "7" * 130):
        rows = [b"\x00" * 4 + row + b"\x00" * 4 for row in qr_matrix(text)]
        empty = [b"\x00" * len(rows[0])] * 4
        pixels = b"".join(bytes(0 if module else 255 for module in row) for row in (*empty, *rows, *empty))
        picture = Image.frombytes("L", (49, 49), pixels).resize((245, 245), Image.Resampling.NEAREST)
        assert read_image(picture) == [text]


def test_the_svg_shows_the_same() -> None:
    text = qr_text(a_ticket(), KEY)
    svg = qr_svg(text)
    source = "#set page(width: 60mm, height: 60mm, margin: 0mm)\n#image(bytes(sys.inputs.svg), width: 60mm)"
    png = typst.compile(source.encode(), format="png", sys_inputs={"svg": svg})

    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 49 49"')
    assert isinstance(png, bytes)
    assert read_image(Image.open(BytesIO(png))) == [text]
