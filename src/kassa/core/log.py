"""What logs do not tell."""

from __future__ import annotations

import logging
import re

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SECRETS = (
    # An address that is all one needs to use what it opens. Ids are no secrets, and stand in the same places.
    re.compile(
        r"(/(?:orders|tickets|transfers|mailbox|invitations|checkout|pay|unsubscribe)/)"
        rf"(?!{UUID}(?![\w-]))[\w.~=-]{{20,}}"
    ),
    re.compile(r"(\bkassa_[0-9a-f]{10}_)[\w-]{20,}"),  # an API key, but for its beginning, which names it
    re.compile(r"([?&](?:access_token|code|key|secret|state|token)=)[^&\s\"']+"),
)


class HideSecretLinks(logging.Filter):
    """Log which page it was, and not whose: who may read logs is not let in."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        hidden = said
        for secret in SECRETS:
            hidden = secret.sub(r"\1…", hidden)
        if hidden != said:
            record.msg, record.args = hidden, None
        return True
