"""Figures of an earlier run are kept for what was not measured this time, with the moment they are of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SAME = ("processors", "processor", "memory", "file_system", "system")
"""What makes it the same machine."""


def with_earlier(results: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the results together with what was published before of other benchmarks, on the same machine.

    What failed this time has no figures, earlier ones either.
    """
    path = folder / "results.json"
    if not path.exists():
        return results
    earlier = json.loads(path.read_text())
    if any(earlier["machine"][name] != results["machine"][name] for name in SAME):
        return results
    moments = _moments(earlier)
    kept = [name for name in moments if name not in results["measured"] and name not in results["failed"]]
    return {
        **results,
        "measured": {**{name: moments[name] for name in kept}, **results["measured"]},
        **{name: earlier[name] for name in kept},
    }


def _moments(earlier: dict[str, Any]) -> dict[str, str]:
    """Return when each benchmark of a report was measured; older reports were of one run."""
    if "measured" in earlier:
        moments: dict[str, str] = earlier["measured"]
        return moments
    about = ("goals", "machine", "postgresql", "failed")
    return {name: earlier["machine"]["measured_at"] for name in earlier if name not in about}
