"""What a process is to have in memory before others are forked from it."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kassa.settings")
django.setup()

import kassa.runtime.web  # noqa: E402 - only now are there models
import kassa.urls  # noqa: E402, F401
