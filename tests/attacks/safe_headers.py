"""What every answer has to say to browsers."""

from __future__ import annotations

from collections.abc import Mapping

WHERE_SCRIPTS_RUN = ("default-src 'none'", "default-src 'self'")


def assert_safe(headers: Mapping[str, str]) -> None:
    """Check what no answer lacks."""
    given = {name.lower(): value for name, value in headers.items()}
    policy = given["content-security-policy"]
    assert given["x-content-type-options"] == "nosniff"
    assert "frame-ancestors" in policy or "sandbox" in policy
    assert policy.startswith(WHERE_SCRIPTS_RUN)
    assert "'unsafe-eval'" not in policy
    assert given["cache-control"]
    assert given["referrer-policy"] in ("same-origin", "no-referrer")
    assert given["cross-origin-resource-policy"] in ("same-origin", "cross-origin")
    if given.get("content-type", "").startswith("text/html"):
        assert given["cross-origin-opener-policy"] == "same-origin"
        assert "microphone=()" in given["permissions-policy"]
