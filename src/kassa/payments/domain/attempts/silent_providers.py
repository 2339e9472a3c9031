"""Providers that have not been heard of while buyers may be paying there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce

from kassa.payments.enums import LIVE_ATTEMPTS
from kassa.payments.models import PaymentAttempt

PATIENCE = timedelta(minutes=10)
"""How long a provider may not be heard of before it is told."""


@dataclass(frozen=True, slots=True)
class SilentProvider:
    """A provider at which payments are open that nobody knows the outcome of."""

    name: str
    attempts: int
    """How many are open."""
    since: datetime
    is_asked: bool
    """False: nobody asks it, as when no worker runs."""

    @property
    def sentence(self) -> str:
        """What is wrong and what to do, for whoever runs Kassa."""
        payments = "1 payment is" if self.attempts == 1 else f"{self.attempts:,} payments are"
        since = f"since {self.since:%Y-%m-%d %H:%M} UTC"
        if not self.is_asked:
            return f"{payments} open at '{self.name}', and nobody has asked {since}; start `kassa worker`."
        return (
            f"{payments} open at '{self.name}', which has not answered {since}; check the network and its "
            f"status page. Orders that may be paid keep their places half an hour longer."
        )


def find_silent_providers(organization_id: UUID | None, *, now: datetime) -> list[SilentProvider]:
    """Return the providers that have not been heard of for a while, of one organisation or (None) of all."""
    whose = {} if organization_id is None else {"organization_id": organization_id}
    heard_before = now - PATIENCE
    silent = PaymentAttempt.unscoped.filter(
        Q(unanswered_since__lte=heard_before) | Q(check_at__lte=heard_before),
        status__in=LIVE_ATTEMPTS,
        **whose,
    )
    rows = silent.values("provider").annotate(
        attempts=Count("id"),
        since=Min(Coalesce("unanswered_since", "check_at")),
        asked=Count("id", filter=Q(unanswered_since__isnull=False)),
    )
    return [
        SilentProvider(row["provider"], row["attempts"], row["since"], is_asked=row["asked"] > 0)
        for row in rows.order_by("provider")
    ]
