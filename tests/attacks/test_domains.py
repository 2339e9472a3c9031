"""A domain is served for its owner alone, and looking for the proof reaches nothing that is not public."""

from __future__ import annotations

import threading
from ipaddress import ip_network
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.public_http import is_reachable
from kassa.core.rate_limits import clear_rate_limits
from kassa.core.ttl_cache import clear_caches
from kassa.organizations.domain import domain_proof
from kassa.organizations.domain.domains import get_domain, name_domain, trust_domain, verify_domain
from kassa.organizations.models import Organization, OrganizationDomain
from tests.storefront.shop.pages import look
from tests.support.api_client import ApiClient
from tests.support.factories import make_key, make_organization, prove_domain
from tests.support.internet import Internet

pytestmark = pytest.mark.django_db(transaction=True)
DOMAIN = "www.big-company.example"
CHECK = "/api/v1/organization/domain/check"


@pytest.fixture
def attacker() -> Organization:
    return make_organization()


@pytest.fixture
def owner() -> Organization:
    organization = make_organization()
    Organization.objects.filter(pk=organization.pk).update(name="The Owner")
    return organization


def front_of(domain: str) -> str:
    clear_caches()
    return str(look("/", HTTP_HOST=domain).content.decode())


def name(organization: Organization, domain: str = DOMAIN) -> Any:
    return ApiClient(make_key(organization)).patch("/api/v1/organization", {"custom_domain": domain})


def test_name_of_somebody_else_is_not_served(internet: Internet, attacker: Organization) -> None:
    assert name(attacker).status_code == 200
    verify_domain(attacker.id, now=utc_now())

    assert "Harbour Hall" not in front_of(DOMAIN).partition("<main")[0]
    assert 'href="/api/v1/docs"' in front_of(DOMAIN)


def test_control_proven_it_is_served(internet: Internet, owner: Organization) -> None:
    internet.prove(owner, DOMAIN)

    assert 'href="/api/v1/docs"' not in front_of(DOMAIN)
    assert "The Owner" in front_of(DOMAIN)


def test_unproven_claim_blocks_nobody(
    internet: Internet, attacker: Organization, owner: Organization
) -> None:
    name(attacker)

    assert name(owner).status_code == 200
    internet.show_record(owner)
    assert verify_domain(owner.id, now=utc_now()).proof == "dns"


def test_control_proven_one_does_block(
    internet: Internet, attacker: Organization, owner: Organization
) -> None:
    internet.prove(attacker, DOMAIN)

    assert internet.prove(owner, DOMAIN).problem == "taken"


def test_proof_does_not_move_to_another_name(internet: Internet, attacker: Organization) -> None:
    internet.prove(attacker, "attacker.example")

    name(attacker)

    assert 'href="/api/v1/docs"' in front_of(DOMAIN)
    assert 'href="/api/v1/docs"' in front_of("attacker.example")


def test_domain_that_leads_here_is_not_its_own_proof(attacker: Organization) -> None:
    name(attacker)
    clear_caches()

    assert look(domain_proof.FILE_PATH, HTTP_HOST=DOMAIN).status_code == 404


def test_control_once_proven_kassa_shows_the_file(attacker: Organization) -> None:
    prove_domain(attacker, DOMAIN)
    clear_caches()

    shown = look(domain_proof.FILE_PATH, HTTP_HOST=DOMAIN)

    assert shown.content.decode().strip() == domain_proof.format_proof(get_domain(attacker.id).token)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["127.0.0.1", "192.0.2.1"], ["::1"]])
def test_private_addresses_are_not_reached(
    internet: Internet, attacker: Organization, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DOMAIN_CHECK_NETWORKS", [])
    name_domain(CommandContext.system(attacker.id, now=utc_now()), DOMAIN)
    internet.show_file(attacker)
    internet.names.addresses[DOMAIN] = addresses

    assert verify_domain(attacker.id, now=utc_now()).problem == "not_found"
    assert internet.web.requests == []


def test_control_where_the_operator_allows_it_they_are(internet: Internet, attacker: Organization) -> None:
    name_domain(CommandContext.system(attacker.id, now=utc_now()), DOMAIN)
    internet.show_file(attacker)

    assert verify_domain(attacker.id, now=utc_now()).proof == "file"
    assert len(internet.web.requests) == 1


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.168.1.1",
        "0.0.0.0",  # noqa: S104 - an address that must not be reached
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fc00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    ],
)
def test_address_that_is_not_public(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_reachable(address)
    assert is_reachable("93.184.215.14")
    assert is_reachable("2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    monkeypatch.setattr(settings, "DOMAIN_CHECK_NETWORKS", [ip_network("0.0.0.0/0"), ip_network("::/0")])
    assert is_reachable(address)


def test_redirection_is_not_followed(internet: Internet, attacker: Organization) -> None:
    name_domain(CommandContext.system(attacker.id, now=utc_now()), DOMAIN)
    internet.show_file(attacker)
    internet.web.status = 302
    internet.web.location = f"http://127.0.0.1:{internet.web.port}/inner"

    assert verify_domain(attacker.id, now=utc_now()).problem == "not_found"
    assert {path for _, path in internet.web.requests} == {domain_proof.FILE_PATH}


def test_server_that_never_ends_does_not_hold_the_check(
    internet: Internet, attacker: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain_proof, "STEP_SECONDS", 0.5)
    name_domain(CommandContext.system(attacker.id, now=utc_now()), DOMAIN)
    internet.show_file(attacker)
    internet.web.drips = True

    assert verify_domain(attacker.id, now=utc_now()).problem == "not_found"
    assert not internet.web.ended.is_set()  # it would still be sending
    assert len(internet.web.requests) == 1


@pytest.mark.parametrize("domain", ["kassa.operator.example", "a.b.operator.example", "operator.example"])
def test_reserved_domains_are_refused(
    attacker: Organization, domain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "RESERVED_DOMAINS", frozenset({"operator.example"}))

    answer = name(attacker, domain)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "custom_domain")
    assert name(attacker, "cooperator.example").status_code == 200


def test_domain_that_is_reserved_later_is_served_no_more(
    internet: Internet, attacker: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    internet.prove(attacker, DOMAIN)
    monkeypatch.setattr(settings, "RESERVED_DOMAINS", frozenset({"big-company.example"}))

    assert verify_domain(attacker.id, now=utc_now()).problem == "reserved"
    assert 'href="/api/v1/docs"' in front_of(DOMAIN)


def test_checks_are_limited(attacker: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    name(attacker)
    api = ApiClient(make_key(attacker))

    statuses = [api.post(CHECK).status_code for _ in range(11)]
    monkeypatch.setattr(settings, "RATE_LIMITS", False)

    assert statuses == [202] * 10 + [429]
    assert api.post(CHECK).status_code == 202


def test_many_organisations_do_not_turn_checks_against_one_domain(internet: Internet) -> None:
    organizations = [make_organization() for _ in range(16)]
    for one in organizations:
        name(one)

    answers = [ApiClient(make_key(one)).post(CHECK) for one in organizations]
    assert [one.status_code for one in answers] == [202] * 15 + [429]
    clear_rate_limits()  # another process: what is shared is counted in the database
    assert ApiClient(make_key(organizations[-1])).post(CHECK).status_code == 429
    name(organizations[-1], "other.example")
    assert ApiClient(make_key(organizations[-1])).post(CHECK).status_code == 202


@pytest.mark.parametrize("is_kept", [True, False], ids=["one_stays", "control_taken_back"])
def test_of_two_that_prove_it_at_once_one_has_it(
    internet: Internet, attacker: Organization, owner: Organization, is_kept: bool
) -> None:
    """The second cannot see the first one's row yet, and waits for the database to decide."""
    for one in (attacker, owner):
        name_domain(CommandContext.system(one.id, now=utc_now()), DOMAIN)
        internet.show_record(one)
    found: list[OrganizationDomain] = []

    def prove() -> None:
        found.append(verify_domain(owner.id, now=utc_now()))
        connections.close_all()

    second = threading.Thread(target=prove)
    with transaction.atomic():
        trust_domain(CommandContext(Actor.operator(attacker.id), utc_now()))
        second.start()
        wait_for_a_lock()
        transaction.set_rollback(not is_kept)
    second.join(30)

    assert [(one.proof, one.problem) for one in found] == [("", "taken") if is_kept else ("dns", "")]
    assert OrganizationDomain.objects.filter(verified_at__isnull=False).count() == 1


def wait_for_a_lock() -> None:
    """Wait until another connection waits for the transaction of this one."""
    waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid')"
    with connection.cursor() as cursor:
        while True:
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
