"""An organisation, for commands that name one by its slug."""

# ruff: noqa: PLC0415 - Django is imported once DATABASE_URL is decided

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kassa.cli.settings import data_folder, set_up_django
from kassa.runtime.database import open_database
from kassa.runtime.errors import CannotStart

if TYPE_CHECKING:
    from kassa.organizations.models import Organization


@contextmanager
def open_organization(slug: str) -> Iterator[Organization]:
    """Open the database and yield an organisation; an expected failure is a sentence.

    Raises:
        CannotStart: there is no such organisation, or what is done with it is refused.
    """
    with open_database(data_folder(), may_start=True):
        set_up_django()
        from kassa.core.errors import KassaError
        from kassa.organizations.queries import get_organization_by_slug

        try:
            yield get_organization_by_slug(slug)
        except KassaError as error:
            raise CannotStart(error.detail) from error
