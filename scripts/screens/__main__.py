"""Start Kassa on a fresh demo and take its pictures: ``python -m scripts.screens [SCENE...]``."""

from __future__ import annotations

import signal
import sys

from playwright.sync_api import sync_playwright

from scripts.screens.camera import CHROMIUM, Camera
from scripts.screens.house import House
from scripts.screens.scenes import SCENES


def main(wanted: list[str]) -> None:
    unknown = sorted(set(wanted) - SCENES.keys())
    if unknown:
        sys.exit(f"There is no scene '{unknown[0]}'. There are: {', '.join(SCENES)}.")
    # Whoever is ended by a time limit stops its Kassa, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with House() as house, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            for name in wanted or SCENES:
                SCENES[name](Camera(browser, house), house)
                print(name, flush=True)  # noqa: T201
        finally:
            browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
