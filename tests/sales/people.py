"""People whom Kassa knows by more than one thing."""

from __future__ import annotations

from uuid import uuid4

from allauth.account.models import EmailAddress

from kassa.core.clock import utc_now
from kassa.identity.known_people import KnownPerson
from kassa.identity.models import LinkedIdentity, User


def make_person(name: str = "ada") -> KnownPerson:
    """Make a user with two proven addresses, one that is not proven, and an id at another service."""
    sign = uuid4().hex[:12]
    emails = (f"{name}-{sign}@example.com", f"{name}-{sign}@example.org")
    user = User.objects.create_user(emails[0], name=name.capitalize(), created_at=utc_now())
    for email in emails:
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=email == emails[0])
    EmailAddress.objects.create(user=user, email=f"{name}-{sign}@unproven.example", verified=False)
    subject = f"user_{sign}"
    LinkedIdentity.objects.create(
        user=user, issuer="https://clerk.example", subject=subject, created_at=utc_now()
    )
    return KnownPerson(user.id, emails, (subject,))
