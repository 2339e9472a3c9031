"""Which addresses an organisation may have."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.urls import get_resolver

from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.errors import InvalidInput
from kassa.organizations.domain.addresses import PLATFORM, RESERVED
from kassa.organizations.domain.domains import trust_domain
from kassa.organizations.domain.manage import change_organization, create_organization
from kassa.organizations.models import Organization, OrganizationSettings
from kassa.organizations.queries import organization_settings
from tests.api.shop import NOW

pytestmark = pytest.mark.django_db


def found(slug: str, **fields: Any) -> Organization:
    return create_organization(name="Theatre", slug=slug, email="a@example.org", now=NOW, **fields)


def change(
    organization: Organization, *, sites: list[str] | None = None, **changes: Any
) -> OrganizationSettings:
    chosen = {} if sites is None else {"embed_sites": sites}
    return change_organization(
        CommandContext.system(organization.id, now=NOW), changes=changes, settings=chosen
    )


def test_no_organisation_takes_an_address_of_kassa() -> None:
    for slug in sorted(RESERVED):
        with pytest.raises(InvalidInput):
            found(slug)
    assert not Organization.objects.exists()


def test_what_addresses_of_kassa_begin_with_is_reserved() -> None:
    first = {str(one.pattern).partition("/")[0] for one in get_resolver().url_patterns}
    first |= {
        str(inner.pattern).partition("/")[0]
        for outer in get_resolver().url_patterns
        if not str(outer.pattern)
        for inner in getattr(outer, "url_patterns", [])
    }
    assert {one for one in first if one.replace("-", "").isalnum()} - PLATFORM == set()


@pytest.mark.parametrize(
    ("domain", "reason"),
    [
        ("https://a.example", "without 'https://' and without a path"),
        ("a.example/x", "without 'https://' and without a path"),
        ("http://10.0.0.1/", "without 'https://' and without a path"),
        ("10.0.0.1", "an IP address"),
        ("127.0.0.1", "an IP address"),
        ("127.0.0.1:8000", "an IP address"),
        ("127.1", "an IP address"),
        ("::1", "an IP address"),
        ("[2001:db8::1]", "an IP address"),
        ("a.example:8000", "without a port"),
        ("localhost:8000", "without a port"),
        ("a.example.", "without a dot at its end"),
        ("localhost", "'localhost' means the computer of each visitor"),
        ("Localhost", "'localhost' means the computer of each visitor"),
        ("théâtre.example", "'xn--'"),
        ("A.example", "in small letters"),
        ("theatre", "at least two parts"),
        (f"{'a.' * 127}example", "253 characters at most"),
        ("a..example", "Each part of a domain has letters, digits and hyphens"),
        ("a.example;", "Each part of a domain has letters, digits and hyphens"),
        ("my_shop.example", "Each part of a domain has letters, digits and hyphens"),
        ("-a.example", "no hyphen at either end"),
        ("a.1x", "the last part begins with a letter"),
        (f"{'a' * 64}.example", "63 at most"),
        ("me@a.example", "Each part of a domain has letters, digits and hyphens"),
    ],
)
def test_what_is_no_domain_is_refused_with_its_own_reason(domain: str, reason: str) -> None:
    organization = found("theatre")
    with pytest.raises(InvalidInput, match=re.escape(reason)) as refusal:
        change(organization, custom_domain=domain, name="Other")
    assert refusal.value.details["errors"][0]["field"] == "custom_domain"
    assert organization_settings(organization.id).organization.name == "Theatre"


@pytest.mark.parametrize("domain", ["a.example", "xn--thtre-xqa3b.example", "1.2.example"])
def test_what_is_a_domain_is_taken(domain: str) -> None:
    """The control."""
    assert change(found("theatre"), custom_domain=domain).organization.custom_domain == domain


def test_the_domain_of_kassa_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "BASE_URL", "https://kassa.example")
    with pytest.raises(InvalidInput):
        found("theatre", custom_domain="kassa.example")


def test_a_domain_is_named_by_many_proven_by_one_and_can_be_given_up() -> None:
    first, second = found("theatre", custom_domain="a.example"), found("opera")
    assert change(second, custom_domain="a.example").organization.custom_domain == "a.example"
    assert trust_domain(CommandContext(Actor.operator(first.id), NOW)).proof == "operator"
    assert trust_domain(CommandContext(Actor.operator(second.id), NOW)).problem == "taken"
    change(first, custom_domain="")
    assert trust_domain(CommandContext(Actor.operator(second.id), NOW)).proof == "operator"
    assert organization_settings(second.id).organization.verified_domain == "a.example"
    assert organization_settings(first.id).organization.custom_domain is None


@pytest.mark.parametrize(
    "site",
    ["www.a.example", "https://a.example/x", "https://a.example; script-src *", "javascript://a.example", ""],
)
def test_a_site_that_may_embed_is_an_origin(site: str) -> None:
    organization = found("theatre")
    with pytest.raises(InvalidInput):
        change(organization, sites=["https://b.example", site])
    assert organization_settings(organization.id).embed_sites == []


def test_sites_that_may_embed_are_kept() -> None:
    sites = ["https://a.example", "http://localhost:8080"]
    assert change(found("theatre"), sites=sites).embed_sites == sites
