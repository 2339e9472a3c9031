"""An organisation of the demo is founded: settings, the people who work there, its key."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.demo.keys import make_demo_key
from kassa.demo.payments import take_payments
from kassa.identity.domain.api_keys import NewApiKey
from kassa.identity.domain.members import join_organization
from kassa.identity.enums import Role, UserStatus
from kassa.identity.models import User
from kassa.identity.permissions import ROLE_PERMISSIONS
from kassa.organizations.domain.manage import create_organization
from kassa.organizations.models import Organization

SINCE = timedelta(days=60)
"""How long the organisations have been there, so that there is something to look back on."""


@dataclass(frozen=True, slots=True)
class House:
    """An organisation at work."""

    organization: Organization
    key: NewApiKey
    manager: Actor
    """Who moves its orders."""
    zone: str
    since: datetime
    """When it was founded and put its offer on sale."""

    @property
    def id(self) -> UUID:
        return self.organization.id

    @property
    def context(self) -> CommandContext:
        """The manager, at work on the offer when the house was founded."""
        return CommandContext(self.manager, self.since)

    @property
    def operator(self) -> CommandContext:
        """Whoever runs the installation, setting the house up when it was founded."""
        return CommandContext(Actor.operator(self.id), self.since)

    @property
    def website(self) -> Actor:
        """Who places its orders: the program that has the key."""
        return Actor.api_key(self.id, self.key.key.id, ROLE_PERMISSIONS[Role.OWNER], role=Role.OWNER)


def found_house(
    profile: Mapping[str, Any],
    *,
    settings: Mapping[str, Any],
    staff: Mapping[Role, str],
    zone: str,
    now: datetime,
) -> House:
    """Found an organisation; ``staff`` says who has which role there, by name."""
    since = now - SINCE
    organization = create_organization(**profile, settings=settings, now=since)
    domain = organization.email.rpartition("@")[2]
    take_payments(organization, currency=settings["default_currency"], now=since)
    members = {
        role: join_organization(
            CommandContext(Actor.operator(organization.id), since),
            user=_person(name, domain=domain, now=since),
            role=role,
        )
        for role, name in staff.items()
    }
    manager = members[Role.MANAGER]
    return House(
        organization=organization,
        key=make_demo_key(organization.id, now=since),
        manager=Actor.member(
            organization.id, manager.user_id, ROLE_PERMISSIONS[Role.MANAGER], role=Role.MANAGER
        ),
        zone=zone,
        since=since,
    )


def _plain(name: str) -> str:
    """Return a name without accents, as its owner writes it in an address."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()


def _person(name: str, *, domain: str, now: datetime) -> User:
    """Return somebody who works there; their address is proven by the first code that they enter."""
    email = f"{_plain(name).lower().replace(' ', '.')}@{domain}"
    found = User.objects.filter(email=email).first()
    return found or User.objects.create_user(email, name=name, status=UserStatus.PENDING, created_at=now)
