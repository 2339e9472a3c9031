"""A browser that takes small pictures of whole pages."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from scripts.screens.house import House

CHROMIUM = "/usr/bin/chromium"
FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
SIZES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 1.5, "is_mobile": True},
    "desktop": {"viewport": {"width": 1280, "height": 900}},
}
LONGEST = {"phone": 1800, "desktop": 1700}
"""How much of a page is shown, in its own pixels."""
MOST_BYTES = 200_000
STILL = """
.tally, .summary { position: static !important }
*, *::before, *::after {
  animation: none !important; transition: none !important; caret-color: transparent !important
}
"""
"""What sticks to the edge of a window would stand in the middle of a picture."""
PREPARE = """style => {
  document.head.append(Object.assign(document.createElement("style"), {textContent: style}));
  for (const picture of document.querySelectorAll("[loading=lazy]")) picture.loading = "eager";
  document.activeElement?.blur?.();
}"""


PLACE = "where => document.querySelector(where).getBoundingClientRect().top + scrollY - 60"


@dataclass
class Camera:
    """Opens windows, and keeps what is to be seen in them."""

    browser: Browser
    house: House
    _open: list[BrowserContext] = field(default_factory=list)

    def window(self, size: str, *, language: str = "en", dark: bool = False, scripts: bool = True) -> Page:
        """Return a new window of somebody who has not been here yet."""
        context = self.browser.new_context(
            **SIZES[size],
            locale={"en": "en-GB", "fr": "fr-FR"}[language],
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
            bypass_csp=True,
            base_url=self.house.address,
        )
        self._open.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        return page

    def show(self, path: str, name: str, size: str, **how: Any) -> Page:
        """Open a page in a new window and take its picture."""
        page = self.window(size, **how)
        page.goto(path)
        self.take(page, name, size)
        return page

    def take(self, page: Page, name: str, size: str, *, start: str = "") -> None:
        """Keep what a window shows as a file of at most 200 kB, from some part of the page on."""
        page.evaluate(PREPARE, STILL)
        page.wait_for_load_state("networkidle")
        width = SIZES[size]["viewport"]["width"]
        top = page.evaluate(PLACE, start) if start else 0
        height = min(page.evaluate("document.documentElement.scrollHeight") - top, LONGEST[size])
        taken = page.screenshot(full_page=True, clip={"x": 0, "y": top, "width": width, "height": height})
        save(Image.open(io.BytesIO(taken)), f"{name}-{size}")

    def close(self) -> None:
        for context in self._open:
            context.close()


def save(picture: Image.Image, name: str) -> None:
    """Write a picture as WebP, with as much of its detail as fits."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for quality in (82, 64, 45):
        file = io.BytesIO()
        picture.convert("RGB").save(file, "WEBP", quality=quality, method=4)
        if file.tell() <= MOST_BYTES:
            break
    (FOLDER / f"{name}.webp").write_bytes(file.getvalue())
