"""Asking axe what somebody who cannot see, point or read small print would stumble over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

SCRIPT = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
GRAVE = {"serious", "critical"}
RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  const where = (nodes) => nodes.map((node) => node.target.join(" "));
  return found.violations.map(({ id, impact, nodes }) => ({ id, impact, at: where(nodes) }));
}"""


def grave_violations(page: Page) -> list[str]:
    """Return what is serious or worse on a page that was opened with :data:`SCRIPT` beside its own."""
    found: list[dict[str, Any]] = page.evaluate(RUN)
    return [f"{one['id']}: {', '.join(one['at'][:3])}" for one in found if one["impact"] in GRAVE]
