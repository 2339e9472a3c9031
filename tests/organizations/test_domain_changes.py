"""What becomes of a domain stands in the security log, and its people are mailed before they lose it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.identity.domain.account_mail import AccountLetter, kept_letters
from kassa.identity.domain.domain_log import WRITE_DOMAIN_MAIL
from kassa.identity.models import Membership, SecurityEvent, User
from kassa.organizations.domain import domain_proof
from kassa.organizations.domain.domains import GRACE, get_domain, name_domain, verify_domain
from kassa.organizations.models import Organization, OrganizationDomain
from kassa.storefront.account import tasks
from tests.support.api_client import ApiClient
from tests.support.factories import make_key, make_organization
from tests.support.internet import Internet

pytestmark = pytest.mark.django_db(transaction=True)
DOMAIN = "tickets.harbour.example"
NOW = utc_now()


@pytest.fixture
def hall() -> Organization:
    """An organisation with two who may change its domain, and two who may not or are gone."""
    _run_jobs()
    organization = make_organization()
    people = (
        ("owner", "owner", "active", None),
        ("admin", "admin", "active", "fr"),
        ("support", "support", "active", None),
        ("former", "admin", "inactive", None),
    )
    for name, role, status, language in people:
        email = f"{name}@harbour.example"
        user = User.objects.create_user(email, "a long password", name=name, status=status, language=language)
        Membership.unscoped.create(organization=organization, user=user, role=role)
    return organization


def _run_jobs() -> None:
    jobs = ProcrastinateJob.objects.filter(task_name=WRITE_DOMAIN_MAIL).order_by("id")
    for job in list(jobs):
        tasks.write_domain_change(**job.args)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = %s", [WRITE_DOMAIN_MAIL])


def mails() -> list[AccountLetter]:
    """Do what the worker was asked for; return all mails about the domain, oldest first."""
    _run_jobs()
    return [one.letter for one in kept_letters() if DOMAIN in one.letter.subject][::-1]


def changes(organization: Organization) -> list[str]:
    events = SecurityEvent.objects.of(organization.id).filter(kind__startswith="domain.")
    return list(events.order_by("id").values_list("kind", flat=True))


def fail(internet: Internet, organization: Organization, *, days: int = 0) -> OrganizationDomain:
    internet.names.texts.clear()
    return verify_domain(organization.id, now=NOW + timedelta(days=days))


def test_owners_and_admins_are_mailed_once_when_the_proof_is_gone(
    internet: Internet, hall: Organization
) -> None:
    internet.prove(hall, DOMAIN)
    assert mails() == []  # the control: all is well

    for day in range(3):
        assert fail(internet, hall, days=day).failing_since == NOW
        assert [one.recipient for one in mails()] == ["owner@harbour.example", "admin@harbour.example"]

    english, french = mails()
    assert english.subject == f"The proof of {DOMAIN} is missing"
    assert f"_kassa.{DOMAIN}" in english.text
    assert get_domain(hall.id).token in english.text
    assert french.subject == f"La preuve de propriété de {DOMAIN} est introuvable"
    assert f"plus accessible sur {DOMAIN}" in french.text
    assert changes(hall) == ["domain.added", "domain.proven", "domain.failing"]


def test_next_failure_is_mailed_again(internet: Internet, hall: Organization) -> None:
    internet.prove(hall, DOMAIN)
    fail(internet, hall)
    assert len(mails()) == 2

    internet.show_record(hall)
    verify_domain(hall.id, now=NOW)
    assert len(mails()) == 2
    fail(internet, hall, days=2)

    assert len(mails()) == 4
    assert changes(hall)[2:] == ["domain.failing", "domain.recovered", "domain.failing"]


def test_nobody_is_mailed_about_what_is_in_order_again(internet: Internet, hall: Organization) -> None:
    internet.prove(hall, DOMAIN)
    fail(internet, hall)
    internet.show_record(hall)
    verify_domain(hall.id, now=NOW)

    assert mails() == []


def test_silence_of_name_servers_is_no_failure(
    internet: Internet, hall: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain_proof, "STEP_SECONDS", 0.2)
    internet.prove(hall, DOMAIN)
    internet.names.is_silent = True
    assert verify_domain(hall.id, now=NOW).problem == "unreachable"

    assert (mails(), changes(hall)) == ([], ["domain.added", "domain.proven"])


def test_lost_domain_is_mailed(internet: Internet, hall: Organization) -> None:
    internet.prove(hall, DOMAIN)
    fail(internet, hall)
    mails()

    fail(internet, hall, days=GRACE.days)

    assert [one.subject for one in mails()[2:]] == [
        f"Your shop no longer opens at {DOMAIN}",
        f"Votre boutique n’est plus accessible sur {DOMAIN}",
    ]
    assert "has been missing for a week" in mails()[2].text
    fail(internet, hall, days=GRACE.days + 1)
    assert len(mails()) == 4
    assert changes(hall)[-2:] == ["domain.failing", "domain.lost"]


def test_domain_that_another_organisation_takes(internet: Internet, hall: Organization) -> None:
    internet.prove(hall, DOMAIN)
    internet.names.texts.clear()
    other = make_organization()

    internet.prove(other, DOMAIN)

    assert changes(hall)[-1] == "domain.lost"
    assert "Another organisation has proven" in mails()[0].text
    assert changes(other) == ["domain.added", "domain.proven"]


def test_log_says_who_named_the_domain(hall: Organization) -> None:
    key = make_key(hall)
    api = ApiClient(key)
    api.patch("/api/v1/organization", {"custom_domain": DOMAIN})
    api.patch("/api/v1/organization", {"custom_domain": DOMAIN})  # the control: nothing is changed
    api.patch("/api/v1/organization", {"custom_domain": None})

    added, removed = SecurityEvent.objects.of(hall.id).filter(kind__startswith="domain.").order_by("id")
    assert (added.kind, removed.kind) == ("domain.added", "domain.removed")
    for event in (added, removed):
        assert (event.actor_kind, event.subject_id) == ("api_key", hall.id)
        assert event.details == {"domain": DOMAIN}
    name_domain(CommandContext.system(hall.id, now=NOW), DOMAIN)
    last = SecurityEvent.objects.of(hall.id).order_by("id").last()
    assert last is not None
    assert (last.kind, last.actor_kind) == ("domain.added", "system")
