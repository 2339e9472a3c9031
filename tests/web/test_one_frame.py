"""No face builds for itself what the frame of pages has: policies, redirects after forms, languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kassa

SOURCE = Path(kassa.__file__).parent

FRAME = {
    "policies": (r"default-src", {"security.py"}),
    "redirects after forms": (
        r"status_code = 303",
        {"web/redirects.py", "storefront/account/views/clerk.py"},
    ),
    "languages of browsers": (
        r"parse_accept_language\(",
        {"core/languages.py", "web/language.py", "storefront/refusal_pages.py"},
    ),
}
"""What is looked for, and who may have it: the frame, what answers before it, and an answer of allauth."""
NO_PAGES = {
    "api/routes/uploads.py",
    "storefront/look/picture_views.py",
    "mailbox/views.py",
}
"""Files of others, shown so that nothing in them runs."""


@pytest.mark.parametrize("what", FRAME)
def test_only_the_frame_has(what: str) -> None:
    pattern, allowed = FRAME[what]
    found = {
        str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.py") if re.search(pattern, path.read_text())
    }

    assert found - NO_PAGES == allowed


def test_frame_knows_no_domain() -> None:
    imported = {
        name
        for path in (SOURCE / "web").rglob("*.py")
        for name in re.findall(r"^(?:from|import) kassa\.(\w+)", path.read_text(), re.MULTILINE)
    }

    assert imported <= {"core", "web"}
