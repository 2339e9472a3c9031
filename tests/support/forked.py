"""Processes that have all of Kassa in memory from their first moment.

Importing it takes two seconds of a processor, and many tests want processes of their own. One process of a
run imports it and touches nothing: no connection, no thread. The others are its forks.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from multiprocessing import get_context

import django
from django.conf import settings
from django.db import connections
from django.utils.functional import empty
from django.utils.log import configure_logging

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.support.forked_imports"])


def enter(environment: Mapping[str, str]) -> None:
    """Be a process that was started with these variables more: read the settings anew. Call it first."""
    os.environ.update(environment)
    os.environ["DJANGO_SETTINGS_MODULE"] = "kassa.settings"
    importlib.reload(importlib.import_module("kassa.settings"))
    settings._wrapped = empty
    vars(connections).pop("settings", None)  # computed once, from the settings of before
    connections._settings = None  # type: ignore[attr-defined]
    django.setup()
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
