"""Lines about work that takes long."""

from __future__ import annotations

import click


def report_progress(line: str) -> None:
    """Print a line on stderr, at once: what a command returns stands on stdout."""
    click.echo(line, err=True)
