"""A served Kassa, a browser with a fake camera, and phones on wires that can be cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.checkin.door import Door
from tests.checkin.film import write_film
from tests.checkin.phone import Phone
from tests.checkin.served import serve
from tests.checkin.wire import Wire
from tests.support.chromium import chromium  # noqa: F401

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "camera.y4m"
    write_film(path, None)
    return path


@pytest.fixture(scope="module")
def browser(chromium: str, film: Path) -> Iterator[Browser]:  # noqa: F811
    """One browser for all; whoever needs it is alone in a context of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={film}",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def kassa_port(
    django_db_setup: None, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    with serve(database_url, tmp_path_factory.mktemp("kassa")) as port:
        yield port


@pytest.fixture
def pick_up(
    transactional_db: None, browser: Browser, kassa_port: int, film: Path
) -> Iterator[Callable[..., Phone]]:
    """Take another phone in hand; all are put away at the end, and none may have made a mistake."""
    write_film(film, None)
    wires: list[Wire] = []
    phones: list[Phone] = []

    def make(**options: Any) -> Phone:
        wires.append(Wire(kassa_port).__enter__())
        context = browser.new_context(
            **{"viewport": PHONE, "locale": "en-GB", "permissions": ["camera"], **options}
        )
        phones.append(Phone(context, wires[-1], film))
        return phones[-1]

    yield make
    for phone in phones:
        phone.context.close()
    for wire in wires:
        wire.__exit__(None, None, None)
    assert [phone.errors for phone in phones] == [[] for _ in phones]


@pytest.fixture
def phone(pick_up: Callable[..., Phone]) -> Phone:
    return pick_up()


@pytest.fixture
def door(transactional_db: None) -> Door:
    return Door()
