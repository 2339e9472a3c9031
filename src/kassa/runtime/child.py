"""A process that is started, watched, started again, and stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from kassa.runtime.parent import PARENT_VARIABLE

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
SETTLED_SECONDS = 60.0
"""Who has run this long has recovered; the next failure counts as the first again."""


class Child:
    """One of Kassa's own processes, in a session of its own.

    Ctrl-C reaches every process of the terminal's group; apart from it, children hear only from the
    supervisor, and in its order.
    """

    def __init__(
        self, name: str, arguments: Sequence[str], *, grace_seconds: float, environment: Mapping[str, str]
    ) -> None:
        self.name = name
        self.grace_seconds = grace_seconds
        self.failures = 0
        self._arguments = list(arguments)
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_again_at = 0.0

    @property
    def pid(self) -> int | None:
        """The process id; None while it does not run."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process now."""
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            self._arguments,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **self._environment, PARENT_VARIABLE: str(os.getpid())},
            start_new_session=True,
        )
        self._started_at = time.monotonic()

    def watch(self) -> None:
        """Start the process again when it has ended, later after each failure."""
        if self._process is None:
            if time.monotonic() >= self._start_again_at:
                self.start()
            return
        code = self._process.poll()
        if code is None:
            return
        self._kill_group()  # what it may have left behind
        self._process = None
        if time.monotonic() - self._started_at > SETTLED_SECONDS:
            self.failures = 0
        delay = min(FIRST_DELAY * 2**self.failures, LONGEST_DELAY)
        self.failures += 1
        self._start_again_at = time.monotonic() + delay
        log(f"The {self.name} process ended ({describe_exit(code)}); starting it again in {delay:g} s.")

    def ask_to_stop(self) -> None:
        """Tell the process to finish what it is doing and end."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()

    def stop(self) -> None:
        """Tell the process to end and wait for it, for its grace at most; what is left of it is killed."""
        self.ask_to_stop()
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(self.grace_seconds)
        self.kill()

    def has_ended(self) -> bool:
        """Say whether the process is gone."""
        return self._process is None or self._process.poll() is not None

    def kill(self) -> None:
        """End the process and all that it started, at once."""
        if self._process is not None:
            self._kill_group()
            self._process.wait()

    def _kill_group(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


def describe_exit(code: int) -> str:
    """Return an exit code in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def log(line: str) -> None:
    """Write a line for the person who runs Kassa."""
    sys.stderr.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} kassa: {line}\n")
    sys.stderr.flush()
