"""What the pages of the API say to a browser: they run nothing and load nothing from other hosts."""

from __future__ import annotations

from kassa.web.headers import NOWHERE, OWN, POLICY, build_policy

HEADERS = {
    POLICY: build_policy(style_src=OWN, form_action=NOWHERE),
    "Referrer-Policy": "same-origin",
    "Cache-Control": "public, no-cache",
}
