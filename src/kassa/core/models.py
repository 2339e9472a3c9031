"""The kernel's tables: what happened, for others to read, and answers to repeated requests."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from kassa.core.actor import ActorKind
from kassa.core.fields import one_of
from kassa.core.tenancy import TenantKey, TenantModel


class OutboxEvent(TenantModel):
    """One thing that happened, written in the transaction that made it happen.

    ``envelope`` is the event in the CloudEvents JSON form, kept as the text it is sent as:
    nothing inside the database looks into it. ``feed.py`` reads it.
    """

    position = models.BigIntegerField(db_default=models.expressions.RawSQL("core_outbox_place()", []))
    """Given out by the database when the event is written: of two events with the same ``key`` the one
    with the higher position is later. The function takes the transaction's number first."""
    type = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    key = models.UUIDField()
    """The order's id for everything about an order, else the subject's."""
    envelope = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [TenantKey(name="core_outboxevent_key")]
        indexes = [models.Index(fields=["position"], name="core_outbox_position_index")]


class OutboxHorizon(models.Model):
    """How far the outbox can be read: one row, which ``outbox_horizon.py`` moves."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    position = models.BigIntegerField(default=0)
    """No further event can appear at or below it."""
    holes = models.JSONField(default=list)
    """``[[first, last, bound]]``: missing positions above it, and a transaction number larger than that of
    whoever has got them."""

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="core_outboxhorizon_only_one")]


class OutboxReader(models.Model):
    """How far one reader of the outbox has come."""

    name = models.CharField(max_length=60, primary_key=True)
    position = models.BigIntegerField(default=0)
    """It has dealt with all events up to here."""
    updated_at = models.DateTimeField()


class LogEntry(TenantModel):
    """One change that somebody made; ``activity_log.py`` writes it, and nothing changes it afterwards."""

    actor_kind = models.CharField(max_length=8, choices=ActorKind.choices)
    actor_id = models.UUIDField(null=True)
    action = models.CharField(max_length=60)
    """The noun and what happened to it, such as ``coupon.changed``."""
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField(null=True)
    """None: the subject has no id of its own, as the organisation's settings."""
    changes = models.JSONField(default=dict)
    """``{name: [before, after]}``; personal and secret values are named, not stored."""
    reason = models.TextField(blank=True)
    request_id = models.UUIDField(null=True)
    address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            TenantKey(name="core_logentry_key"),
            one_of("actor_kind", ActorKind, name="core_logentry_actor_kind"),
        ]
        indexes = [
            models.Index(fields=["organization", "-created_at", "-id"], name="core_logentry_list"),
            models.Index(fields=["organization", "subject_id"], name="core_logentry_subject"),
        ]


class Budget(models.Model):
    """What one subject of a shared rate limit has used up; see ``budgets.py``.

    The table is unlogged: after a crash, and on a promoted standby, it is empty.
    """

    key = models.BinaryField(primary_key=True)
    """A keyed hash of the rule and the subject."""
    tat = models.DateTimeField()
    """When the subject may again do all at once that its rule allows."""


class IdempotentAnswer(TenantModel):
    """What was answered to a write under an ``Idempotency-Key``, to answer its repetition."""

    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField()
    """SHA-256 over method, path and body: the same key with another request is refused."""
    status = models.PositiveSmallIntegerField(null=True)
    """None while the first request is still being worked on."""
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="core_idempotentanswer_key"),
            models.UniqueConstraint(fields=["organization", "key"], name="core_idempotentanswer_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="core_idempotentanswer_age")]
