"""The connection to a mail server."""

from __future__ import annotations

import smtplib
from typing import Any

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend


class SmtpConnection(EmailBackend):
    """Django's, under the name that the operator says, instead of the one this machine believes to have."""

    @property
    def connection_class(self) -> Any:
        server: type[smtplib.SMTP] = super().connection_class
        if not settings.MAIL_EHLO:
            return server
        return lambda host, port, **more: server(host, port, **{**more, "local_hostname": settings.MAIL_EHLO})
