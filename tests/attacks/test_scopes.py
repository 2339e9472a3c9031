"""A key does nothing beyond its scopes by a detour: no scanning, no money, no live links, no other keys."""

from __future__ import annotations

from typing import Any

import pytest

from kassa.admission.models import Device
from kassa.catalog.models import TicketType
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.permissions import Permission
from kassa.identity.domain.api_keys import create_api_key
from kassa.identity.enums import Role
from kassa.identity.models import ApiKey
from kassa.notifications.models import Message
from kassa.payments.models import Payment
from tests.contract.world import World, key_of, make_order, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.unaudited]


@pytest.fixture
def world() -> World:
    return make_world()


def refused(answer: Any, permission: Permission) -> bool:
    problem = answer.json()
    return (answer.status_code, problem["code"], problem["permission"]) == (
        403,
        "permission_missing",
        permission,
    )


def pending_order(world: World) -> str:
    standing = TicketType.objects.of(world.organization.id).get(id=world.standing)
    return str(make_order(world.organization, standing))


def test_who_sets_up_doors_lets_nobody_scan(world: World) -> None:
    """A device's code is a key that scans."""
    api = key_of(world.organization, frozenset({Permission.CHECKIN_WRITE}))
    before = Device.objects.of(world.organization.id).count()

    made = api.post("/api/v1/checkin-devices", {"name": "Mine"})
    renewed = api.post(f"/api/v1/checkin-devices/{world.ids['device_id']}/enrolment")

    assert refused(made, Permission.CHECKIN_SCAN)
    assert refused(renewed, Permission.CHECKIN_SCAN)
    assert Device.objects.of(world.organization.id).count() == before


def test_control_who_may_scan_as_well_enrols_a_phone(world: World) -> None:
    api = key_of(world.organization, frozenset({Permission.CHECKIN_WRITE, Permission.CHECKIN_SCAN}))

    assert api.post("/api/v1/checkin-devices", {"name": "Phone"}).status_code == 201
    lists = key_of(world.organization, frozenset({Permission.CHECKIN_WRITE}))
    made = lists.post("/api/v1/checkin-lists", {"name": "Balcony", "event": str(world.event.id)})
    assert made.status_code == 201


def test_who_moves_orders_books_no_money(world: World) -> None:
    order = pending_order(world)
    api = key_of(world.organization, frozenset({Permission.ORDER_MANAGE}))
    before = Payment.objects.of(world.organization.id).count()

    answer = api.put(f"/api/v1/orders/{order}/status", {"status": "confirmed"})

    assert refused(answer, Permission.PAYMENT_MANAGE)
    assert Payment.objects.of(world.organization.id).count() == before


def test_who_moves_orders_gives_no_money_back(world: World) -> None:
    order = pending_order(world)
    api = key_of(world.organization, frozenset({Permission.ORDER_MANAGE}))

    assert refused(
        api.put(f"/api/v1/orders/{order}/status", {"status": "cancelled"}), Permission.ORDER_CANCEL
    )


@pytest.mark.parametrize(
    ("status", "beside"), [("confirmed", Permission.PAYMENT_MANAGE), ("cancelled", Permission.ORDER_CANCEL)]
)
def test_control_with_the_right_to_it_the_order_moves(world: World, status: str, beside: Permission) -> None:
    order = pending_order(world)
    api = key_of(world.organization, frozenset({Permission.ORDER_MANAGE, beside}))

    answer = api.put(f"/api/v1/orders/{order}/status", {"status": status})

    assert (answer.status_code, answer.json()["status"]) == (200, status)


def test_control_who_moves_orders_ships_what_is_paid(world: World) -> None:
    api = key_of(world.organization, frozenset({Permission.ORDER_MANAGE}))

    answer = api.put(f"/api/v1/orders/{world.ids['order_id']}/status", {"status": "processing"})

    assert answer.status_code == 200


def with_link(world: World) -> str:
    Message.objects.of(world.organization.id).filter(id=world.ids["message_id"]).update(
        text="Your order: https://kassa.example/orders/secret", html="<a href='/orders/secret'>Order</a>"
    )
    return f"/api/v1/messages/{world.ids['message_id']}"


def test_who_reads_messages_opens_nobodys_order(world: World) -> None:
    url = with_link(world)
    api = key_of(world.organization, frozenset({Permission.MESSAGE_READ}))

    message = api.get(url)
    preview = api.post(
        "/api/v1/message-templates/order_confirmed/en/preview", {"order": str(world.ids["order_id"])}
    )

    assert message.status_code == 200
    assert (message.json()["text"], message.json()["html"]) == (None, None)
    assert b"secret" not in message.content
    assert refused(preview, Permission.TICKET_READ)


def test_control_who_may_read_tickets_reads_their_messages(world: World) -> None:
    url = with_link(world)
    api = key_of(world.organization, frozenset({Permission.MESSAGE_READ, Permission.TICKET_READ}))

    preview = api.post(
        "/api/v1/message-templates/order_confirmed/en/preview", {"order": str(world.ids["order_id"])}
    )

    assert "/orders/secret" in api.get(url).json()["text"]
    assert "/orders/" in preview.json()["text"]
    made_up = key_of(world.organization, frozenset({Permission.MESSAGE_READ})).post(
        "/api/v1/message-templates/order_confirmed/en/preview", {}
    )
    assert made_up.status_code == 200


def test_who_changes_tickets_is_not_given_them(world: World) -> None:
    url = f"/api/v1/tickets/{world.ids['ticket_id']}"
    api = key_of(world.organization, frozenset({Permission.TICKET_WRITE}))

    changed = api.patch(url, {"first_name": "Grace"}).json()

    assert (changed["qr_code"], changed["links"]["page"]) == (None, None)


def test_control_who_reads_tickets_has_them(world: World) -> None:
    url = f"/api/v1/tickets/{world.ids['ticket_id']}"
    api = key_of(world.organization, frozenset({Permission.TICKET_READ, Permission.TICKET_WRITE}))

    changed = api.patch(url, {"first_name": "Grace"}).json()

    assert changed["qr_code"]
    assert changed["links"]["page"]


WEAK = frozenset({Permission.API_KEY_WRITE, Permission.API_KEY_READ, Permission.OFFER_READ})


def test_key_touches_no_key_above_its_own_rights(world: World) -> None:
    api = key_of(world.organization, WEAK)
    owner = create_api_key(
        CommandContext.system(world.organization.id, now=utc_now()), name="Owner", role=Role.OWNER
    )

    answers = [
        api.delete(f"/api/v1/api-keys/{owner.key.id}"),
        api.patch(f"/api/v1/api-keys/{owner.key.id}", {"scopes": ["offer:read"]}),
        api.patch(f"/api/v1/api-keys/{owner.key.id}", {"name": "Mine"}),
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(403, "rights_beyond_own")] * 3
    owner.key.refresh_from_db()
    assert (owner.key.revoked_at, owner.key.role, owner.key.name) == (None, "owner", "Owner")


@pytest.mark.parametrize(
    "body", [{"scopes": ["order:read"]}, {"role": "owner"}, {"role": "analyst"}], ids=str
)
def test_key_makes_and_widens_none_beyond_its_own_rights(world: World, body: dict[str, Any]) -> None:
    api = key_of(world.organization, WEAK)
    own = ApiKey.objects.of(world.organization.id).order_by("-id")[0]
    before = ApiKey.objects.of(world.organization.id).count()

    made = api.post("/api/v1/api-keys", {"name": "More", **body})
    widened = api.patch(f"/api/v1/api-keys/{own.id}", body)

    assert (made.status_code, widened.status_code) == (422, 422)
    assert "yourself" in made.json()["detail"]
    assert ApiKey.objects.of(world.organization.id).count() == before
    own.refresh_from_db()
    assert set(own.scopes) == WEAK


def test_control_keys_within_its_rights_are_made_changed_and_revoked(world: World) -> None:
    api = key_of(world.organization, WEAK)

    made = api.post("/api/v1/api-keys", {"name": "Less", "scopes": ["offer:read"]}).json()
    changed = api.patch(f"/api/v1/api-keys/{made['id']}", {"name": "None", "scopes": []}).json()
    revoked = api.delete(f"/api/v1/api-keys/{made['id']}").json()

    assert (changed["name"], changed["scopes"]) == ("None", [])
    assert revoked["revoked_at"] is not None
