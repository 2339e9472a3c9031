"""Who a person at Clerk is here: known by Clerk's id, else by their address, else somebody new."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from kassa.identity.domain.members import normal_email
from kassa.identity.domain.people import disconnect_unproven, prove_person
from kassa.identity.enums import UserStatus
from kassa.identity.models import LinkedIdentity, User
from kassa.integrations.clerk.errors import AddressUnproven, PersonSuspended
from kassa.integrations.clerk.tokens import ClerkPerson


def person_at_clerk(person: ClerkPerson, *, issuer: str, now: datetime) -> User:
    """Return the person whom Clerk names, made and linked at the first time.

    Raises:
        AddressUnproven: they are new here, and Clerk has not verified an address of theirs.
        PersonSuspended: their account here is suspended.
    """
    with transaction.atomic():
        linked = LinkedIdentity.objects.select_related("user").filter(issuer=issuer, subject=person.subject)
        found = linked.first()
        user = found.user if found else _by_address(person, now=now)
        if user.status == UserStatus.INACTIVE:
            raise PersonSuspended
        if found is None:
            LinkedIdentity.objects.get_or_create(
                issuer=issuer, subject=person.subject, defaults={"user": user, "created_at": now}
            )
    return user


def _by_address(person: ClerkPerson, *, now: datetime) -> User:
    """Return whose address it is; an account that waited for its proof has it now, and no other way in."""
    if not person.email:
        raise AddressUnproven
    email = normal_email(person.email)
    proven = EmailAddress.objects.select_related("user").filter(email=email, verified=True).first()
    if proven is not None:
        user: User = proven.user
        return user
    user, is_new = User.objects.get_or_create(
        email=email,
        defaults={"name": person.name or email.partition("@")[0], "status": "active", "created_at": now},
    )
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    prove_person(user, keep_password=False)
    disconnect_unproven(user)
    EmailAddress.objects.update_or_create(
        user=user, email=email, defaults={"verified": True, "primary": True}
    )
    return user
