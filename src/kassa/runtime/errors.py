"""Why Kassa, or a part of it, cannot start."""

from __future__ import annotations


class CannotStart(Exception):
    """An expected failure; its text is a whole sentence for the person at the terminal."""


class DataFolderInUse(CannotStart):
    """Another process holds the data folder."""


class OtherPostgresVersion(CannotStart):
    """The data folder was written by another major version of PostgreSQL."""
