"""Asking axe what somebody who cannot see, point or read small print would stumble over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

SCRIPT = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RUN = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await axe.run(document, {
    resultTypes: ["violations"],
    runOnly: { type: "tag", values: tags },
    rules: { "label-content-name-mismatch": { enabled: true }, "target-size": { enabled: true } },
  });
  const where = (nodes) => nodes.map((node) => node.target.join(" "));
  return found.violations.map(({ id, nodes }) => ({ id, at: where(nodes) }));
}"""
"""Every rule of WCAG 2.2 AA and what axe calls good practice, and one that it keeps as an experiment."""


def violations(page: Page) -> list[str]:
    """Return what is wrong with a page that was opened with :data:`SCRIPT` beside its own."""
    found: list[dict[str, Any]] = page.evaluate(RUN)
    return [f"{one['id']}: {', '.join(one['at'][:3])}" for one in found]
