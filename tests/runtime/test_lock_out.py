"""``kassa api-key``: the operator gives rights back where nobody else can."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from kassa.cli.main import kassa
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.identity.domain.accept_invitation import accept_invitation, find_invitation
from kassa.identity.domain.api_keys import create_api_key
from kassa.identity.enums import Role
from kassa.identity.models import ApiKey, SecurityEvent
from kassa.identity.permissions import ROLE_PERMISSIONS
from kassa.identity.queries import members_of
from kassa.runtime.errors import CannotStart
from tests.support.api_client import ApiClient
from tests.support.factories import make_organization
from tests.support.members import join, make_user

pytestmark = pytest.mark.django_db
Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    def call(*arguments: str) -> Result:
        return CliRunner().invoke(kassa, arguments)

    return call


def test_new_key_may_do_everything(run: Run) -> None:
    organization = make_organization()

    done = run("api-key", "create", organization.slug, "Way back in")

    assert done.exit_code == 0, done.output
    secret = done.stdout.strip()
    shown = ApiClient(secret).get("/api/v1/api-keys").json()["items"][0]
    assert (shown["role"], shown["name"]) == ("owner", "Way back in")
    assert shown["scopes"] == sorted(ROLE_PERMISSIONS[Role.OWNER])


def test_key_that_lacks_a_right_gets_it_and_stays_the_same(run: Run) -> None:
    organization = make_organization()
    made = create_api_key(
        CommandContext.system(organization.id, now=utc_now()), name="Old", scopes=["offer:read"]
    )
    assert ApiClient(made.secret).get("/api/v1/orders").status_code == 403

    done = run("api-key", "grant", organization.slug, made.key.prefix, "--scope", "order:read")

    assert "scopes offer:read order:read" in done.stdout
    assert ApiClient(made.secret).get("/api/v1/orders").status_code == 200
    run("api-key", "grant", organization.slug, made.key.prefix, "--role", "owner")
    assert ApiClient(made.secret).get("/api/v1/security-events").status_code == 200
    assert ApiKey.objects.of(organization.id).get().role == "owner"


def test_keys_are_listed_and_revoked(run: Run) -> None:
    organization = make_organization()
    made = create_api_key(
        CommandContext.system(organization.id, now=utc_now()), name="Box office", role=Role.SUPPORT
    )

    listed = run("api-key", "list", organization.slug).stdout
    revoked = run("api-key", "revoke", organization.slug, made.key.prefix).stdout

    assert f"{made.key.prefix}  valid    follows support  Box office" in listed
    assert "revoked" in revoked
    assert ApiClient(made.secret).get("/api/v1/events").status_code == 401
    entry = SecurityEvent.objects.of(organization.id).order_by("-id")[0]
    assert (entry.kind, entry.actor_kind) == ("api_key.revoked", "operator")


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "nowhere"),
        ("create", "nowhere", "Name"),
        ("grant", "nowhere", "kassa_0", "--role", "owner"),
        ("revoke", "nowhere", "kassa_0"),
    ],
)
def test_unknown_organisation_is_a_sentence(run: Run, arguments: tuple[str, ...]) -> None:
    done = run("api-key", *arguments)

    assert isinstance(done.exception, CannotStart)
    assert "There is no organisation 'nowhere'" in str(done.exception)


def test_unknown_key_and_scope_are_sentences(run: Run) -> None:
    organization = make_organization()
    missing = run("api-key", "revoke", organization.slug, "kassa_nothing")
    wrong = run("api-key", "create", organization.slug, "Name", "--scope", "order:steal")

    assert "has no key kassa_nothing" in str(missing.exception)
    assert "There is no scope 'order:steal'" in str(wrong.exception)
    assert not ApiKey.objects.of(organization.id).exists()


def test_member_is_made_an_owner(run: Run) -> None:
    organization = make_organization()
    join(organization.id, "ada@example.org", Role.ANALYST)

    done = run("owner", "add", organization.slug, "ADA@example.org")

    assert "ada@example.org is an owner of Harbour Hall." in done.stdout
    assert "ada@example.org" in run("owner", "list", organization.slug).stdout
    assert members_of(organization.id).get().role == "owner"


def test_anybody_else_is_invited_by_a_link_that_is_printed(run: Run) -> None:
    organization = make_organization()

    done = run("owner", "add", organization.slug, "ada@example.org")

    token = done.stdout.strip().split("/")[-2]
    invitation = find_invitation(token)
    accept_invitation(
        CommandContext.system(organization.id, now=utc_now()),
        invitation.id,
        user=make_user("ada@example.org"),
    )
    assert members_of(organization.id).get().role == "owner"
