"""Ending sessions, and recording that they were ended."""

from __future__ import annotations

from collections.abc import Sequence

from allauth.account.adapter import get_adapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession

from kassa.core.clock import utc_now
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import SecurityEventKind


class SessionsAdapter(DefaultUserSessionsAdapter):
    def end_sessions(self, sessions: Sequence[UserSession]) -> None:
        """Sign the sessions out, which are all of one person, and write to that person."""
        super().end_sessions(sessions)
        if sessions:
            get_adapter().send_notification_mail("usersessions/email/sessions_ended", sessions[0].user)
            record_security_event(
                SecurityEventKind.SESSIONS_ENDED,
                now=utc_now(),
                user_id=sessions[0].user_id,
                details={"count": len(sessions)},
            )
