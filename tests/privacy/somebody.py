"""A buyer of whom something stands in every table, all of it marked, and a look at every column."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db import connection

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.models import IdempotentAnswer
from kassa.core.request_origin import RequestOrigin
from kassa.identity.domain.account_mail import AccountLetter, write_account_mail
from kassa.identity.domain.invitations import invite_member
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import Role, SecurityEventKind
from kassa.identity.models import LinkedIdentity, User
from kassa.integrations.demo_bank.models import DemoPayment
from kassa.invoices.domain.issue import invoice_of_order
from kassa.notifications.models import SuppressedAddress
from kassa.orders.enums import OrderStatus
from kassa.orders.models import Order, OrderHistory, Upload
from kassa.payments.domain.manual_status import change_status
from kassa.payments.models import WebhookEvent
from kassa.sales.domain.request import Customer
from kassa.sales.models import Cart, CartItem
from tests.notifications.office import Office
from tests.support.factories import line

MARK = "zyxada"
EMAIL = f"{MARK}@example.com"
CODE = f"user_2{MARK}"
ADDRESS = {"line1": f"{MARK} street 1", "city": "Leipzig", "country": "DE"}


def make_somebody() -> User:
    user = User.objects.create_user(
        EMAIL, "a-long-pass-phrase", name=f"{MARK} Lovelace", avatar=f"https://{MARK}.example/a.png"
    )
    EmailAddress.objects.create(user=user, email=EMAIL, verified=True, primary=True)
    Authenticator.objects.create(
        user=user, type="webauthn", data={"name": f"{MARK}'s phone", "credential": {}}
    )
    LinkedIdentity.objects.create(user=user, issuer="https://clerk.example", subject=CODE)
    SocialAccount.objects.create(user=user, provider="club", uid=MARK, extra_data={"email": EMAIL})
    UserSession.objects.create(user=user, ip="127.0.0.1", session_key="k", user_agent=f"Browser of {MARK}")
    write_account_mail(AccountLetter(EMAIL, "Code", "Code", "Code"), now=utc_now())
    return user


def confirm(office: Office, order: Order) -> None:
    change_status(office.by_staff(f"{MARK} paid"), order.id, to_status=OrderStatus.CONFIRMED)


def buy(office: Office, customer: Customer, **fields: Any) -> Order:
    holder = {"first_name": MARK, "last_name": MARK, "email": EMAIL.upper(), "phone": f"{MARK}-2"}
    order = office.place(
        line(
            office.standing,
            1,
            attendees=({**holder, "fields": {"diet": MARK}},),
            metadata={"engraving": f"For {MARK}"},
        ),
        customer=customer,
        notes=f"Ring at {MARK}",
        billing_address=ADDRESS,
        shipping_address=ADDRESS,
        **fields,
    )
    confirm(office, order)
    return office.order(order.id)


def fill(user: User) -> Office:
    """Let somebody buy in every way, take and give tickets, and be told of it."""
    office = Office()
    who: dict[str, Any] = {
        "email": EMAIL.title(),
        "first_name": MARK,
        "last_name": MARK,
        "phone": f"{MARK}-1",
        "address": ADDRESS,
        "marketing": True,
    }
    signed_in = buy(office, Customer(**who, user_id=user.id), coupon_code=office.coupon.code)
    buy(office, Customer(**who))
    buy(office, Customer(**{**who, "email": f"{MARK}-other@example.com"}, reference=CODE))
    Order.objects.of(office.id).filter(id=signed_in.id).update(
        answers={"wish": MARK}, cancellation_reason=MARK
    )
    Upload.unscoped.create(
        organization=office.organization, order=signed_in, name=f"{MARK}.pdf", media_type="application/pdf",
        size=9, content=MARK.encode(),
    )  # fmt: skip
    office.accept(office.offer(to=EMAIL, to_name=MARK, message=f"For {MARK}"))
    cart = Cart.unscoped.create(
        organization=office.organization, user=user, customer={"email": EMAIL, "first_name": MARK},
        expires_at=utc_now(), status="expired",
    )  # fmt: skip
    CartItem.unscoped.create(
        organization=office.organization, cart=cart, ticket_type=office.standing, quantity=1,
        metadata={"engraving": f"For {MARK}"},
    )  # fmt: skip
    SuppressedAddress.unscoped.create(organization=office.organization, address=EMAIL, reason="bounced")
    WebhookEvent.unscoped.create(
        organization=office.organization, provider="stripe", provider_event_id="evt", status="settled",
        body=f'{{"customer": "{EMAIL}", "name": "{MARK}"}}',
    )  # fmt: skip
    DemoPayment.unscoped.create(
        organization=office.organization, key=signed_in.id, reference="page", customer_email=EMAIL,
        amount=1, currency="EUR", expires_at=utc_now(),
    )  # fmt: skip
    IdempotentAnswer.unscoped.create(
        organization=office.organization, key="k", fingerprint=b"f" * 32, status=201,
        body=f'{{"email": "{EMAIL}", "name": "{MARK}"}}'.encode(),
    )  # fmt: skip
    invite_member(
        CommandContext(Actor.system(office.id), utc_now()), email=EMAIL, name=MARK, role=Role.SUPPORT
    )
    seen = RequestOrigin("192.0.2.7", f"Browser of {MARK}")
    record_security_event(
        SecurityEventKind.SIGN_IN_SUCCEEDED,
        now=utc_now(),
        organization_id=office.id,
        user_id=user.id,
        origin=seen,
    )
    office.work()
    invoice_of_order(office.id, signed_in.id, now=utc_now())
    assert OrderHistory.objects.of(office.id).filter(notes__contains=MARK).exists()
    return office


def places(mark: str = MARK) -> set[str]:
    """Return every column of every table in which the mark stands, as ``table.column``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'public' AND data_type IN "
            "('text', 'character varying', 'jsonb', 'json', 'bytea', 'ARRAY') AND table_name IN "
            "(SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE')"
        )
        found = set()
        for table, column, kind in cursor.fetchall():
            shown = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
            cursor.execute(
                f'SELECT EXISTS (SELECT FROM "{table}" WHERE lower({shown}) LIKE %s)', [f"%{mark}%"]
            )
            if cursor.fetchone()[0]:
                found.add(f"{table}.{column}")
    return found
