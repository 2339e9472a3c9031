"""Mail about accounts, and the counters of tries."""

from __future__ import annotations

from django.db import models

from kassa.core.ids import new_id


class AccountMail(models.Model):
    """A letter about an account, on its way or kept for a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    content = models.TextField()
    """The whole letter, encrypted: a code in it lets somebody in."""
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="identity_accountmail_age")]


class TryCount(models.Model):
    """How often something was tried lately: the table of Django's cache, which counts in it by itself."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)
