"""What logs do not tell."""

from __future__ import annotations

import logging
import re

SECRET_LINK = re.compile(r"(/(?:orders|tickets|transfers|mailbox|invitations)/)[\w-]{40,}")
"""An address that is all one needs to use what it opens; ids are shorter."""


class HideSecretLinks(logging.Filter):
    """Log which page it was, and not whose: who may read logs is not let in."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        hidden = SECRET_LINK.sub(r"\1…", said)
        if hidden != said:
            record.msg, record.args = hidden, None
        return True
