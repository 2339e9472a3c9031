"""A Chromium for tests that drive a browser: the system's own, installed if need be.

Import the fixture where it is needed: ``from tests.support.chromium import chromium  # noqa: F401``.
"""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL = (
    ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=200", "update"],
    [
        "apt-get",
        "-q",
        "-y",
        "-o",
        "DPkg::Lock::Timeout=200",
        "install",
        "--no-install-recommends",
        "chromium",
    ],
)
INSTALL_SECONDS = 240
"""For both commands together; half a minute is usual."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium; as root on Debian install a missing one; else skip and say why."""
    path = _find()
    if path is None:
        why = _install()
        path = _find()
        if path is None:
            pytest.skip(f"There is no Chromium for the tests that drive a browser, and {why}.")
    # The synchronous Playwright runs an event loop in this thread, where Django would refuse its queries.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    return path


def _find() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _install() -> str:
    """Try to install Chromium; return what to say if there is none afterwards."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return "it can be installed only by root, on Debian or Ubuntu: apt-get install chromium"
    for command in INSTALL:
        try:
            done = subprocess.run(
                command,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                capture_output=True,
                text=True,
                timeout=INSTALL_SECONDS / len(INSTALL),
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"'{' '.join(command)}' took too long"
        if done.returncode:
            return f"'{' '.join(command)}' said: {(done.stderr or done.stdout).strip()[-300:]}"
    return "installing it brought none"
