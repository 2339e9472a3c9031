"""What makes a benchmark worthless; the others go on."""

from __future__ import annotations


class BenchmarkFailed(Exception):
    """There is no figure to trust; the text says why."""
