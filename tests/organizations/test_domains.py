"""How an organisation proves that a domain is its own, and how long the proof lasts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import IntegrityError

from kassa.cli.main import kassa
from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.organizations.domain.check_domains import check_due_domains
from kassa.organizations.domain.domain_proof import STEP_SECONDS
from kassa.organizations.domain.domains import GRACE, get_domain, name_domain, trust_domain, verify_domain
from kassa.organizations.models import Organization, OrganizationDomain
from kassa.organizations.tasks import check_domain
from kassa.runtime.errors import CannotStart
from tests.support.api_client import ApiClient
from tests.support.factories import make_key, make_organization, prove_domain
from tests.support.internet import Internet

pytestmark = pytest.mark.django_db
DOMAIN = "tickets.theatre.example"
DAY = timedelta(days=1)


@pytest.fixture
def theatre() -> Organization:
    return make_organization()


@pytest.fixture
def api(theatre: Organization) -> ApiClient:
    return ApiClient(make_key(theatre))


def read(api: ApiClient) -> Any:
    return api.get("/api/v1/organization/domain").json()


def sweep(now: datetime) -> int:
    return check_due_domains(now=now, should_stop=lambda: False)


def test_record_proves_it(internet: Internet, api: ApiClient) -> None:
    assert read(api)["domain"] is None
    api.patch("/api/v1/organization", {"custom_domain": DOMAIN})
    named = read(api)
    assert (named["is_verified"], named["proof"], named["checked_at"]) == (False, None, None)
    assert named["dns_record"]["name"] == f"_kassa.{DOMAIN}"
    internet.names.texts[named["dns_record"]["name"]] = ["v=spf1 -all", named["dns_record"]["value"]]

    asked = api.post("/api/v1/organization/domain/check")
    check_domain(api.get("/api/v1/organization").json()["id"])  # what the worker does

    assert (asked.status_code, asked.json()["is_verified"]) == (202, False)
    proven = read(api)
    assert (proven["is_verified"], proven["proof"], proven["problem"]) == (True, "dns", None)
    assert api.get("/api/v1/organization").json()["verified_domain"] == DOMAIN


def test_file_proves_it(internet: Internet, theatre: Organization) -> None:
    name_domain(CommandContext.system(theatre.id, now=utc_now()), DOMAIN)
    internet.show_file(theatre)

    found = verify_domain(theatre.id, now=utc_now())

    assert (found.proof, internet.web.requests) == ("file", [(DOMAIN, "/.well-known/kassa-domain")])


@pytest.mark.parametrize("status", [404, 500, 301, 204])
def test_other_answers_than_200_prove_nothing(internet: Internet, theatre: Organization, status: int) -> None:
    name_domain(CommandContext.system(theatre.id, now=utc_now()), DOMAIN)
    internet.show_file(theatre)
    internet.web.status = status

    assert verify_domain(theatre.id, now=utc_now()).problem == "not_found"


def test_what_is_missing_is_said(internet: Internet, theatre: Organization, api: ApiClient) -> None:
    name_domain(CommandContext.system(theatre.id, now=utc_now()), DOMAIN)
    internet.names.texts[f"_kassa.{DOMAIN}"] = ["kassa-domain=another"]

    verify_domain(theatre.id, now=utc_now())

    shown = read(api)
    assert shown["problem"] == "not_found"
    assert shown["problem_detail"].startswith("Neither the record nor the file was found.")


def test_check_without_a_domain_is_refused(api: ApiClient) -> None:
    answer = api.post("/api/v1/organization/domain/check")

    assert (answer.status_code, answer.json()["code"]) == (409, "domain_missing")


def test_same_domain_again_keeps_its_proof_and_another_one_does_not(
    internet: Internet, theatre: Organization, api: ApiClient
) -> None:
    token = internet.prove(theatre, DOMAIN).token

    api.patch("/api/v1/organization", {"custom_domain": DOMAIN})
    assert (read(api)["is_verified"], get_domain(theatre.id).token) == (True, token)
    api.patch("/api/v1/organization", {"custom_domain": "other.example"})
    assert (read(api)["is_verified"], get_domain(theatre.id).token == token) == (False, False)
    api.patch("/api/v1/organization", {"custom_domain": None})
    assert read(api)["domain"] is None


def test_proof_that_is_gone_is_forgiven_for_a_week(internet: Internet, theatre: Organization) -> None:
    now = internet.prove(theatre, DOMAIN).verified_at
    assert now is not None
    internet.names.texts.clear()

    first = verify_domain(theatre.id, now=now + DAY)
    assert (first.verified_at, first.failing_since) == (now, now + DAY)
    assert verify_domain(theatre.id, now=now + DAY + GRACE - DAY).verified_at == now
    lost = verify_domain(theatre.id, now=now + DAY + GRACE)
    assert (lost.verified_at, lost.proof, lost.problem) == (None, "", "not_found")


def test_proof_that_comes_back_counts_as_never_gone(internet: Internet, theatre: Organization) -> None:
    now = internet.prove(theatre, DOMAIN).verified_at
    assert now is not None
    shown, internet.names.texts = internet.names.texts, {}
    verify_domain(theatre.id, now=now + DAY)
    internet.names.texts = shown

    back = verify_domain(theatre.id, now=now + 2 * DAY)

    assert (back.verified_at, back.failing_since, back.problem) == (now, None, "")


def test_silence_takes_no_domain_away(
    internet: Internet, theatre: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kassa.organizations.domain.domain_proof.STEP_SECONDS", 0.3)
    now = internet.prove(theatre, DOMAIN).verified_at
    assert now is not None
    internet.names.is_silent = True

    for days in (1, 30, 60):
        found = verify_domain(theatre.id, now=now + days * DAY)
        assert (found.verified_at, found.problem, found.failing_since) == (now, "unreachable", None)


def test_sweep_checks_what_is_due(internet: Internet, theatre: Organization) -> None:
    now = utc_now()
    name_domain(CommandContext.system(theatre.id, now=utc_now()), DOMAIN)
    prove_domain(make_organization(), "trusted.example")
    assert sweep(now) == 1
    assert sweep(now) == 0
    internet.show_record(theatre)

    assert sweep(now + timedelta(hours=2)) == 1
    assert get_domain(theatre.id).proof == "dns"
    assert sweep(now + timedelta(hours=20)) == 0
    assert sweep(now + timedelta(hours=27)) == 1
    assert internet.names.asked.count("_kassa.trusted.example") == 0


def test_nobody_looks_for_ever_for_what_does_not_come(internet: Internet, theatre: Organization) -> None:
    name_domain(CommandContext.system(theatre.id, now=utc_now()), DOMAIN)

    assert sweep(utc_now() + timedelta(days=15)) == 0


def test_domain_in_use_before_proofs_stays_and_gives_way(internet: Internet, theatre: Organization) -> None:
    prove_domain(theatre, DOMAIN)
    OrganizationDomain.objects.update(proof="upgrade", checked_at=None)
    now = utc_now()
    assert sweep(now + 30 * DAY) == 0
    for days in (1, 30):
        assert verify_domain(theatre.id, now=now + days * DAY).verified_at is not None
    owner = make_organization()

    assert internet.prove(owner, DOMAIN).proof == "dns"
    assert (get_domain(theatre.id).verified_at, get_domain(theatre.id).problem) == (None, "taken")


def test_owner_of_the_names_takes_a_domain_from_whoever_has_a_file(
    internet: Internet, theatre: Organization
) -> None:
    name_domain(CommandContext.system(theatre.id, now=utc_now()), DOMAIN)
    internet.show_file(theatre)
    assert verify_domain(theatre.id, now=utc_now()).proof == "file"

    assert internet.prove(make_organization(), DOMAIN).proof == "dns"
    assert get_domain(theatre.id).problem == "taken"


def test_first_of_two_equal_proofs_keeps_it(internet: Internet, theatre: Organization) -> None:
    internet.prove(theatre, DOMAIN)

    second = internet.prove(make_organization(), DOMAIN)

    assert (second.verified_at, second.problem) == (None, "taken")
    assert get_domain(theatre.id).verified_at is not None


def test_operator_vouches_and_takes_away(internet: Internet, theatre: Organization) -> None:
    run = CliRunner().invoke
    name_domain(CommandContext.system(theatre.id, now=utc_now()), DOMAIN)

    checked = run(kassa, ["domain", "check", theatre.slug])
    trusted = run(kassa, ["domain", "trust", theatre.slug])
    listed = run(kassa, ["domain", "list"])
    assert f"TXT record _kassa.{DOMAIN}" in checked.output
    assert f"{DOMAIN}  {theatre.slug}  not proven, not found" in checked.output
    assert trusted.output == listed.output == f"{DOMAIN}  {theatre.slug}  proven (operator)\n"
    other = run(kassa, ["domain", "trust", theatre.slug, "box.theatre.local"])
    assert "box.theatre.local" in other.output
    run(kassa, ["domain", "remove", theatre.slug])
    assert run(kassa, ["domain", "list"]).output == ""
    assert isinstance(run(kassa, ["domain", "check", theatre.slug]).exception, CannotStart)


def test_word_of_the_operator_is_not_checked(internet: Internet, theatre: Organization) -> None:
    prove_domain(theatre, DOMAIN)

    assert verify_domain(theatre.id, now=utc_now()).proof == "operator"
    assert internet.prove(make_organization(), DOMAIN).problem == "taken"


def test_database_holds_one_proof_for_each_domain(theatre: Organization) -> None:
    prove_domain(theatre, DOMAIN)
    other = make_organization()
    name_domain(CommandContext.system(other.id, now=utc_now()), DOMAIN)

    with pytest.raises(IntegrityError, match="organizations_domain_verified"):
        OrganizationDomain.objects.filter(pk=other.pk).update(verified_at=utc_now(), proof="dns")


def test_proof_is_bounded_in_time() -> None:
    assert STEP_SECONDS * 3 <= 12


def test_trust_of_what_was_not_named_is_refused(theatre: Organization) -> None:
    with pytest.raises(Exception, match="custom_domain"):
        trust_domain(CommandContext(Actor.operator(theatre.id), utc_now()))
