"""The stamp of a database names everything that lays tables, so that no update is overlooked."""

from __future__ import annotations

from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

from django.apps import apps

from kassa.runtime.stamp import MIGRATING_PACKAGES, our_migrations

MIGRATING_APPS = [one for one in apps.get_app_configs() if find_spec(f"{one.name}.migrations")]


def test_every_package_with_migrations_is_named() -> None:
    packages = {one.name.partition(".")[0] for one in MIGRATING_APPS} - {"kassa"}
    distributions = packages_distributions()

    assert {name.lower() for one in packages for name in distributions[one]} == set(MIGRATING_PACKAGES)


def test_every_migration_of_ours_is_seen() -> None:
    folders = [Path(one.path, "migrations") for one in MIGRATING_APPS if one.name.startswith("kassa.")]

    assert set(our_migrations()) == {path for folder in folders for path in folder.glob("[0-9]*.py")}
