"""Staff look at messages and say them in their own words."""

from __future__ import annotations

from typing import Any

import pytest

from kassa.core.models import LogEntry
from kassa.notifications.domain.suppress import suppress
from kassa.notifications.enums import SuppressionReason
from kassa.notifications.models import Message, MessageTemplate, SuppressedAddress
from tests.notifications.office import Office

CONFIRMED = "/api/v1/message-templates/order_confirmed/en"


def test_messages_are_found_and_read(office: Office) -> None:
    office.work()

    found = office.api.get("/api/v1/messages?recipient=ADA@example.com&kind=order_confirmed").json()["items"]
    [listed] = found
    whole = office.api.get(f"/api/v1/messages/{listed['id']}").json()

    assert (listed["status"], listed["order"]) == ("kept", str(office.sold.id))
    assert "text" not in listed
    assert whole["attachments"] == [{"name": "tickets.pdf", "content_type": "application/pdf"}]
    assert whole["subject"] == "Your tickets for Night of Strings"
    assert office.api.get("/api/v1/messages?status=failed").json()["items"] == []
    assert office.api.get(f"/api/v1/messages?order={office.event.id}").json()["items"] == []


def test_a_message_is_sent_again_once_for_a_key(office: Office) -> None:
    office.work()
    message = office.message("order_confirmed")

    answers = [office.api.post(f"/api/v1/messages/{message.id}/resend", key="again") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert Message.unscoped.count() == 3


def test_own_words_are_used(office: Office) -> None:
    words = {
        "subject": "Hooray, {{ event.title }}!",
        "body": "**Hi** {{ recipient.email }}\n\n[Go]({{ link }})",
    }
    put = office.api.put(CONFIRMED, words)
    office.work()

    message = office.message("order_confirmed")
    assert put.json()["subject"] == words["subject"]
    assert (message.subject, message.remark) == ("Hooray, Night of Strings!", "")
    assert message.text.startswith("Hi ada@example.com\n\nGo:\nhttp")
    assert "<strong>Hi</strong>" in message.html


def test_a_broken_text_never_keeps_a_message_back(office: Office) -> None:
    """Texts are tried before they are kept; one that got in another way is stepped over, and it is said."""
    MessageTemplate.unscoped.create(
        organization_id=office.id, kind="order_confirmed", language="en", subject="Hi", body="{{ nothing }}"
    )

    office.work()

    message = office.message("order_confirmed")
    assert (message.status, message.subject) == ("kept", "Your tickets for Night of Strings")
    assert "nothing" in message.remark
    assert "line 1" in message.remark


def test_a_kind_is_switched_off(office: Office) -> None:
    office.api.put(CONFIRMED, {"enabled": False})

    office.work()

    assert office.message("order_confirmed").status == "skipped"


def test_going_back_to_kassa_s_words(office: Office) -> None:
    office.api.put(CONFIRMED, {"subject": "Hi"})

    assert office.api.delete(CONFIRMED).status_code == 204
    assert office.api.delete(CONFIRMED).status_code == 204
    assert office.api.get(CONFIRMED).json()["subject"] == ""


@pytest.mark.parametrize("method", ["put", "preview"])
def test_what_cannot_be_used_is_refused_with_its_line(office: Office, method: str) -> None:
    body: dict[str, Any] = {"subject": "Hi", "body": "One\n{{ order.password }}"}

    answer = (
        office.api.put(CONFIRMED, body) if method == "put" else office.api.post(f"{CONFIRMED}/preview", body)
    )

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "message_template_not_usable")
    assert problem["line"] == 2
    assert MessageTemplate.unscoped.count() == 0


def test_preview_shows_an_order_or_a_made_up_one(office: Office) -> None:
    made_up = office.api.post(f"{CONFIRMED}/preview", {}).json()
    real = office.api.post(
        f"{CONFIRMED}/preview", {"subject": "{{ order.number }}", "order": str(office.sold.id)}
    ).json()

    assert "Harbour Orchestra" in made_up["html"]
    assert real["subject"] == office.sold.number
    assert "Night of Strings" in real["text"]
    assert Message.unscoped.filter(status="kept").count() == 0


@pytest.mark.parametrize("path", ["order_confirmed/de", "nothing/en"])
def test_what_there_is_not_is_refused(office: Office, path: str) -> None:
    assert office.api.get(f"/api/v1/message-templates/{path}").status_code == 422


def test_every_kind_is_listed_in_every_language(office: Office) -> None:
    items = office.api.get("/api/v1/message-templates").json()["items"]

    assert len(items) == 32
    assert all(item["standard"]["body"] and item["placeholders"] for item in items)


def test_each_change_of_a_text_stands_in_the_log_and_names_the_version_read(office: Office) -> None:
    assert "ETag" not in office.api.get(CONFIRMED).headers  # Kassa's own words have no version
    first = office.api.put(CONFIRMED, {"subject": "Hooray!"})["ETag"]
    assert office.api.get(CONFIRMED)["ETag"] == first

    changed = office.api.call("PUT", CONFIRMED, {"subject": "Hello!"}, HTTP_IF_MATCH=first)
    late = office.api.call("PUT", CONFIRMED, {"subject": "Good day!"}, HTTP_IF_MATCH=first)
    assert (changed.status_code, changed["ETag"]) == (200, office.api.get(CONFIRMED)["ETag"])
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert office.api.get(CONFIRMED).json()["subject"] == "Hello!"
    office.api.delete(CONFIRMED)
    office.api.delete(CONFIRMED)
    gone = office.api.call("PUT", CONFIRMED, {"subject": "Hi!"}, HTTP_IF_MATCH=changed["ETag"])
    assert gone.status_code == 412

    entries = LogEntry.objects.of(office.id).filter(action__startswith="message_template.").order_by("id")
    made, altered, removed = entries
    assert (made.action, made.changes["subject"]) == ("message_template.created", [None, "Hooray!"])
    assert altered.action == "message_template.changed"
    assert altered.changes == {"subject": ["Hooray!", "Hello!"]}
    assert (removed.action, removed.changes["kind"]) == (
        "message_template.deleted",
        ["order_confirmed", None],
    )


def test_the_log_says_who_sent_a_message_again_and_cleared_an_address(office: Office) -> None:
    office.work()
    message = office.message("order_confirmed")
    copy = office.api.post(f"/api/v1/messages/{message.id}/resend", key="again").json()
    suppress(office.id, "ada@example.com", reason=SuppressionReason.BOUNCED, detail="", now=office.now)
    address = SuppressedAddress.objects.of(office.id).get()
    office.api.delete(f"/api/v1/suppressed-addresses/{address.id}")

    [resent] = LogEntry.objects.of(office.id).filter(subject_id=message.id)
    assert (resent.action, resent.changes["resent_as"]) == ("message.resent", [None, copy["id"]])
    [cleared] = LogEntry.objects.of(office.id).filter(subject_id=address.id)
    assert cleared.action == "suppressed_address.deleted"
    assert cleared.changes["address"] == ["…", None]
