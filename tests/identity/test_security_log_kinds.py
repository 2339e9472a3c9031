"""Each kind of the security log is written by what it is named after, done as people and programs do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.socialaccount.models import SocialAccount
from procrastinate.contrib.django.models import ProcrastinateJob

from kassa.core.clock import utc_now
from kassa.identity.domain.failed_sign_in import record_failed_sign_in
from kassa.identity.enums import Role, SecurityEventKind
from kassa.identity.models import AccountSecurityEvent, Invitation, SecurityEvent, User
from kassa.identity.queries import members_of
from kassa.organizations.domain.domains import GRACE, verify_domain
from kassa.organizations.models import Organization
from tests.admission.hall import Hall
from tests.contract.tickets import set_up_wallets
from tests.storefront.account.test_openid import club as club  # noqa: PLC0414 - a fixture
from tests.storefront.account.test_ways_in import with_app
from tests.storefront.account.visitor import PASSWORD, Visitor, code_for, signed_in
from tests.support.api_client import ApiClient, make_api_client
from tests.support.factories import PROVIDER_SETTINGS, make_organization
from tests.support.internet import made_up_internet
from tests.support.members import join, make_user
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db(transaction=True)
ADA, HOME, BOB = "ada@example.com", "ada@home.example", "bob@example.com"


@dataclass
class Scene:
    """An organisation, a member of it, and what a test may ask pytest for."""

    fixtures: pytest.FixtureRequest
    hall: Organization = field(default_factory=make_organization)

    @cached_property
    def api(self) -> ApiClient:
        return make_api_client(self.hall)

    @cached_property
    def ada(self) -> User:
        join(self.hall.id, "owner@example.com", Role.OWNER)
        join(self.hall.id, ADA, Role.ADMIN)
        user = User.objects.get(email=ADA)
        user.set_password(PASSWORD)
        user.save()
        return user

    @cached_property
    def visitor(self) -> Visitor:
        return signed_in(self.ada)

    def did(self, answer: Any) -> Any:
        """Return what was answered to a call that has done something."""
        assert answer.status_code < 300, answer.content
        return answer.json() if answer.content else None

    def count(self) -> Counter[str]:
        """Return how many entries of each kind the logs of organisations and of accounts have."""
        counted = Counter(SecurityEvent.unscoped.values_list("kind", flat=True))
        return counted + Counter(AccountSecurityEvent.objects.values_list("kind", flat=True))


Flow = Callable[[Scene], None]
FLOWS: dict[Flow, frozenset[SecurityEventKind]] = {}


def writes(*kinds: SecurityEventKind) -> Callable[[Flow], Flow]:
    """Say which kinds a flow writes."""

    def register(flow: Flow) -> Flow:
        FLOWS[flow] = frozenset(kinds)
        return flow

    return register


def test_every_kind_has_its_flow() -> None:
    assert {kind for kinds in FLOWS.values() for kind in kinds} == set(SecurityEventKind)


def app_code(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


# People


@writes(SecurityEventKind.SIGN_IN_SUCCEEDED)
def sign_in(scene: Scene) -> None:
    signed_in(scene.ada)


@writes(SecurityEventKind.SIGN_IN_FAILED)
def type_a_wrong_password(scene: Scene) -> None:
    Visitor().send("/account/login/", login=scene.ada.email, password="wrong")
    [job] = ProcrastinateJob.objects.filter(task_name="kassa.record_failed_sign_in").order_by("-id")[:1]
    record_failed_sign_in(job.args["sealed"])


@writes(SecurityEventKind.SESSIONS_ENDED)
def sign_out_elsewhere(scene: Scene) -> None:
    signed_in(scene.ada)
    scene.visitor.send("/account/sessions/")


@writes(SecurityEventKind.PASSWORD_CHANGED)
def change_the_password(scene: Scene) -> None:
    new = "another-long-one"
    scene.visitor.send("/account/password/change/", oldpassword=PASSWORD, password1=new, password2=new)


@writes(SecurityEventKind.PASSWORD_RESET)
def reset_the_password(scene: Scene) -> None:
    visitor, new = Visitor(), "another-long-one"
    visitor.send("/account/password/reset/", email=scene.ada.email)
    visitor.send("/account/password/reset/confirm/", code=code_for(ADA))
    visitor.send("/account/password/reset/complete/", password1=new, password2=new)


@writes(SecurityEventKind.EMAIL_ADDED, SecurityEventKind.EMAIL_CHANGED, SecurityEventKind.EMAIL_REMOVED)
def change_the_address(scene: Scene) -> None:
    scene.visitor.send("/account/email/", action_add="1", email=HOME)
    scene.visitor.send("/account/confirm-email/", code=code_for(HOME))
    scene.visitor.send("/account/email/", action_primary="1", email=HOME)
    scene.visitor.send("/account/email/", action_remove="1", email=ADA)
    assert EmailAddress.objects.get(user=scene.ada).email == HOME


@writes(
    SecurityEventKind.FACTOR_ADDED,
    SecurityEventKind.RECOVERY_CODES_GENERATED,
    SecurityEventKind.FACTOR_REMOVED,
)
def use_an_app_for_a_while(scene: Scene) -> None:
    page = "/account/2fa/totp/activate/"
    secret = scene.visitor.get(page).context["form"].secret
    scene.visitor.send(page, code=app_code(secret))
    scene.visitor.send("/account/2fa/totp/deactivate/")


@writes(SecurityEventKind.FACTOR_FAILED, SecurityEventKind.RECOVERY_CODE_USED)
def lose_the_app(scene: Scene) -> None:
    with_app(scene.ada)
    codes = RecoveryCodes.activate(scene.ada).get_unused_codes()
    visitor = Visitor()
    visitor.send("/account/login/", login=ADA, password=PASSWORD)
    visitor.send("/account/2fa/authenticate/", code="000000")
    visitor.send("/account/2fa/authenticate/", code=codes[0])


@writes(SecurityEventKind.CONNECTION_ADDED, SecurityEventKind.CONNECTION_REMOVED)
def connect_an_account(scene: Scene) -> None:
    visitor = Visitor()
    scene.fixtures.getfixturevalue("club").sign_in(visitor)
    visitor.send("/account/3rdparty/", account=str(SocialAccount.objects.get().pk))


@writes(SecurityEventKind.ACCOUNT_EXPORTED, SecurityEventKind.ACCOUNT_ERASED)
def take_everything_and_go(scene: Scene) -> None:
    scene.visitor.post("/account/data/export")
    scene.visitor.send("/account/data/erase", sure="yes")


# Members


@writes(
    SecurityEventKind.MEMBER_INVITED,
    SecurityEventKind.INVITATION_RESENT,
    SecurityEventKind.INVITATION_REVOKED,
)
def invite_and_revoke(scene: Scene) -> None:
    made = scene.did(scene.api.post("/api/v1/members", {"email": BOB, "role": "support"}))
    for deed in ("resend", "revoke"):
        scene.did(scene.api.post(f"/api/v1/invitations/{made['id']}/{deed}"))


@writes(SecurityEventKind.INVITATION_DECLINED)
def decline(scene: Scene) -> None:
    scene.did(scene.api.post("/api/v1/members", {"email": BOB, "role": "support"}))
    invitation = Invitation.objects.of(scene.hall.id).get(email=BOB)
    visitor = signed_in(make_user(BOB))
    visitor.send("/account/organizations/", do="decline", invitation=str(invitation.id))


@writes(SecurityEventKind.MEMBER_ADDED, SecurityEventKind.MEMBER_CHANGED, SecurityEventKind.MEMBER_REMOVED)
def become_a_member_and_be_removed(scene: Scene) -> None:
    scene.did(scene.api.post("/api/v1/members", {"email": BOB, "role": "support"}))
    invitation = Invitation.objects.of(scene.hall.id).get(email=BOB)
    visitor = signed_in(make_user(BOB))
    visitor.send("/account/organizations/", do="accept", invitation=str(invitation.id))
    member = members_of(scene.hall.id).get(user__email=BOB)
    path = f"/api/v1/members/{member.id}"
    scene.did(scene.api.patch(path, {"role": "analyst"}))
    scene.did(scene.api.call("DELETE", path))


@writes(SecurityEventKind.MEMBER_LEFT)
def leave(scene: Scene) -> None:
    scene.visitor.send("/account/organizations/", do="leave", organization=str(scene.hall.id))


# Programs


@writes(
    SecurityEventKind.API_KEY_CREATED, SecurityEventKind.API_KEY_CHANGED, SecurityEventKind.API_KEY_REVOKED
)
def use_a_key_for_a_while(scene: Scene) -> None:
    path = "/api/v1/api-keys"
    made = scene.did(scene.api.post(path, {"name": "Website", "scopes": ["offer:read"]}))
    scene.did(scene.api.patch(f"{path}/{made['id']}", {"scopes": ["order:read"]}))
    scene.did(scene.api.call("DELETE", f"{path}/{made['id']}"))


@writes(
    SecurityEventKind.DEVICE_ADDED,
    SecurityEventKind.DEVICE_ENROLLED,
    SecurityEventKind.DEVICE_RENEWED,
    SecurityEventKind.DEVICE_REVOKED,
)
def use_a_phone_for_a_while(scene: Scene) -> None:
    path = "/api/v1/checkin-devices"
    device = scene.did(scene.api.post(path, {"name": "Phone 1"}))
    path += f"/{device['id']}"
    renewed = scene.did(scene.api.post(f"{path}/enrolment"))
    scene.did(scene.api.post("/api/v1/checkin-devices/enrol", {"code": renewed["enrolment"]["code"]}))
    scene.did(scene.api.post(f"{path}/revoke"))


@writes(SecurityEventKind.DATA_EXPORTED)
def download_all_tickets(scene: Scene) -> None:
    hall = Hall()
    hall.issue(1)
    scene.did(make_api_client(hall.organization).get(f"/api/v1/checkin-lists/{hall.entrance.id}/tickets"))


@writes(SecurityEventKind.PROVIDER_CHANGED)
def set_up_a_payment_account(scene: Scene) -> None:
    configuration, secrets = PROVIDER_SETTINGS["manual"]
    given = {"configuration": configuration, "secrets": secrets, "is_enabled": True}
    scene.did(scene.api.put("/api/v1/payment-providers/manual", given))


@writes(SecurityEventKind.WALLET_CHANGED)
def set_up_wallet_accounts(scene: Scene) -> None:
    set_up_wallets(scene.hall)


@writes(SecurityEventKind.SIGNING_KEY_CHANGED)
def change_the_signing_key(scene: Scene) -> None:
    scene.did(scene.api.post("/api/v1/signing-keys/rotate"))


@writes(SecurityEventKind.LINKS_REVOKED)
def end_links(scene: Scene) -> None:
    holders = Holders()
    scene.did(make_api_client(holders.organization).post(f"/api/v1/orders/{holders.sold.id}/links/revoke"))


@writes(SecurityEventKind.REQUEST_FORBIDDEN)
def ask_for_too_much(scene: Scene) -> None:
    made = scene.did(scene.api.post("/api/v1/api-keys", {"name": "Web", "scopes": ["offer:read"]}))
    assert ApiClient(made["secret"]).get("/api/v1/orders").status_code == 403


@writes(SecurityEventKind.REQUEST_RATE_LIMITED)
def ask_too_often(scene: Scene) -> None:
    scene.fixtures.getfixturevalue("settings").RATES = {"api_key": (1, 3600, 1)}
    assert [scene.api.get("/api/v1/events").status_code for _ in range(2)] == [200, 429]


# Domains


@writes(*(kind for kind in SecurityEventKind if kind.startswith("domain.")))
def use_a_domain_for_a_while(scene: Scene) -> None:
    now, domain = utc_now(), "tickets.harbour.example"
    with made_up_internet(scene.fixtures.getfixturevalue("monkeypatch")) as internet:

        def fail(days: int = 0) -> None:
            internet.names.texts.clear()
            verify_domain(scene.hall.id, now=now + timedelta(days=days))

        internet.prove(scene.hall, domain)
        fail()
        internet.show_record(scene.hall)
        verify_domain(scene.hall.id, now=now)
        fail()
        fail(GRACE.days)
    scene.did(scene.api.patch("/api/v1/organization", {"custom_domain": None}))


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
def test_flow_writes_its_kinds(flow: Flow, request: pytest.FixtureRequest) -> None:
    scene = Scene(request)
    _ = scene.ada, scene.api  # what their making writes is none of the flow's
    before = scene.count()

    flow(scene)

    assert FLOWS[flow] <= set(scene.count() - before)
