"""``kassa maintenance``: what `kassa serve` puts at the web's port during an upgrade."""

# ruff: noqa: PLC0415 - Django is imported once the settings are read

from __future__ import annotations

import click

from kassa.cli.settings import read_settings, set_up_django
from kassa.runtime.parent import end_with_parent
from kassa.runtime.web import serve


@click.command(hidden=True)
def maintenance() -> None:
    """Answer every request with 503 until a signal says stop; the database is left alone."""
    end_with_parent()
    settings = read_settings()
    set_up_django()
    from kassa.runtime.front.maintenance import Maintenance

    serve(Maintenance, host=settings.HOST, port=settings.PORT, workers=1)
