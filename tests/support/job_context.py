"""What a job knows of the worker that runs it, as far as Kassa's jobs look at it."""

from __future__ import annotations

from typing import Any


class JobContext:
    """A job's context; its turn is long enough unless the worker stops."""

    def __init__(self, *, is_aborted: bool = False) -> None:
        self._is_aborted = is_aborted

    def should_abort(self) -> bool:
        return self._is_aborted


JOB: Any = JobContext()
STOPPING_JOB: Any = JobContext(is_aborted=True)
