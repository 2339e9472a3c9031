"""People, and who they are at services whose signed word Kassa takes (event-platform.md)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Now

from kassa.core.email_addresses import email_key
from kassa.core.fields import one_of, web_addresses
from kassa.core.ids import new_id
from kassa.core.languages import Language
from kassa.identity.enums import UserStatus


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a person; without a password they cannot sign in by one."""
        user = self.model(email=email_key(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=email_key(username or ""))


class User(AbstractBaseUser):
    """A person, of no, one or several organisations."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    email = models.EmailField(unique=True)
    """In lower case, so that one address is one person."""
    avatar = models.URLField(blank=True, db_default="")
    status = models.CharField(
        max_length=10, choices=UserStatus.choices, default=UserStatus.ACTIVE, db_default=UserStatus.ACTIVE
    )
    created_at = models.DateTimeField(db_default=Now())
    last_active_at = models.DateTimeField(null=True)
    """None: never seen."""
    language = models.CharField(max_length=5, choices=Language.choices, null=True)
    """What the person reads. None: what the browser prefers."""

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="identity_user_email_lower"
            ),
            one_of("status", UserStatus, name="identity_user_status"),
            web_addresses("avatar", name="identity_user_web_addresses"),
            one_of("language", Language, name="identity_user_language"),
        ]

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Whether the person may sign in: one who was suspended may not."""
        return self.status != UserStatus.INACTIVE


class LinkedIdentity(models.Model):
    """Who a person is at a service whose signed word Kassa takes, such as Clerk."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="linked_identities")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=200)
    """The service's own id; clients may give it as the reference of a customer."""
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_linkedidentity_once")
        ]
        indexes = [models.Index(fields=["subject"], name="identity_linked_subject")]
