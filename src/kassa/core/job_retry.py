"""Jobs that lose the database are done again, and not counted as failed: each may be done twice."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from django.db import connection
from procrastinate import JobContext
from procrastinate.exceptions import ConnectorException

from kassa.core.database import is_passing

PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each further try: longer in all than a database takes that was killed."""

logger = logging.getLogger(__name__)


def do_again(call_next: Callable[[], Any], context: JobContext, worker: Any) -> Any:
    """Do a job in a thread, and once more after each failure that passes by itself."""
    never = threading.Event()
    for pause in PAUSES:
        try:
            return call_next()
        except Exception as error:
            if not _is_passing(error) or context.should_abort():
                raise
            _log(context, error, pause)
            connection.close_if_unusable_or_obsolete()
        never.wait(pause)
    return call_next()


async def do_again_async(call_next: Callable[[], Awaitable[Any]], context: JobContext, worker: Any) -> Any:
    """Do a job of the event loop, and once more after each failure that passes by itself."""
    for pause in PAUSES:
        try:
            return await call_next()
        except Exception as error:
            if not _is_passing(error) or context.should_abort():
                raise
            _log(context, error, pause)
        await asyncio.sleep(pause)
    return await call_next()


def _is_passing(error: Exception) -> bool:
    return isinstance(error, ConnectorException) or is_passing(error)


def _log(context: JobContext, error: Exception, pause: float) -> None:
    reason = " ".join(str(error).split())
    logger.warning("The job %s is done again in %g s: %s", context.job.task_name, pause, reason)
