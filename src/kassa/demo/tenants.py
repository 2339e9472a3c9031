"""The organisations of the demo, in the order in which it shows them."""

from __future__ import annotations

from kassa.demo import bus_company, concert_hall, school, shop
from kassa.organizations.models import Organization
from kassa.organizations.queries import living_organizations

SLUGS = (concert_hall.SLUG, bus_company.SLUG, school.SLUG, shop.SLUG)


def is_demo_loaded() -> bool:
    """Say whether the demo was ever loaded; what was deleted of it since stays deleted."""
    return Organization.objects.filter(slug__in=SLUGS).exists()


def demo_organizations() -> list[Organization]:
    """Return those organisations of the demo that are still there."""
    by_slug = {organization.slug: organization for organization in living_organizations()}
    return [by_slug[slug] for slug in SLUGS if slug in by_slug]
