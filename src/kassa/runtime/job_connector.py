"""The connections by which a worker looks for jobs and is notified of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from procrastinate import PsycopgConnector
from procrastinate.connector import Notify
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException

LOOKING_CONNECTIONS = 4
"""At most this many look for jobs and write their outcome; beside them, two listen."""
LISTEN_AGAIN_SECONDS = 5.0

logger = logging.getLogger(__name__)


class JobConnector(PsycopgConnector):
    """A connector that treats being notified as a convenience, since the worker also looks every half second.

    Of the connections that a server has left, looking for jobs may take the last one before the listener
    asks for its own. By itself procrastinate would end the worker then, without an error.
    """

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Listen for as long as the worker runs, and ask again for a connection where there is none."""
        names = list(channels)
        while True:
            try:
                await super().listen_notify(on_notification, names)
            except ConnectorException as error:
                reason = " ".join(str(error.__cause__ or error).split())
                logger.warning("No connection is left to listen for jobs; only looking for them: %s", reason)
            await asyncio.sleep(LISTEN_AGAIN_SECONDS)


def build_job_connector() -> JobConnector:
    """Build what looks for jobs: not Django's own connection, which waits for one query at a time.

    It starts with one connection, so that a worker comes up where a server has hardly any left.
    """
    return JobConnector(kwargs=connector_params(), min_size=1, max_size=LOOKING_CONNECTIONS)
