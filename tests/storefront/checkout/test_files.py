"""A question that a file answers: the file is sent once, whatever else is wrong with the form."""

from __future__ import annotations

import pytest

from kassa.orders.models import Ticket, Upload
from tests.storefront.checkout.world import ADA, Till, a_file, a_sale, a_till, error_of, text_of, value_of
from tests.support.factories import line, make_question, make_ticket_type, make_upload

pytestmark = pytest.mark.django_db(transaction=True)


def a_student() -> tuple[Till, str]:
    """Return a till whose ticket asks for a student card, and the name of that field."""
    till = a_till()
    student = make_ticket_type(till.event, name="Student")
    make_question(till.event, "card", kind="file", is_required=True)
    till.fill(line(student))
    return till, f"t-{student.id}-0-answer-card"


def test_file_that_was_sent_is_still_there_after_an_error() -> None:
    till, field = a_student()

    refused = till.order(email="ada@exam", **{field: a_file(name="my card.pdf")})
    kept = value_of(refused, f"{field}-kept")
    assert refused.status_code == 422
    assert "“my card.pdf” is here." in text_of(refused)
    assert error_of(refused, field) is None
    answer = till.order(**{f"{field}-kept": kept})

    assert answer.status_code == 303
    upload = Upload.objects.of(till.organization.id).get()
    ticket = Ticket.objects.of(till.organization.id).get()
    assert (upload.order_id, ticket.attendee_fields) == (till.orders()[0].id, {"card": str(upload.id)})


def test_file_is_kept_by_every_button() -> None:
    till, field = a_student()

    shown = till.post("extend", **{field: a_file()})

    assert "“card.pdf” is here." in text_of(shown)
    assert till.order(**{f"{field}-kept": value_of(shown, f"{field}-kept")}).status_code == 303


def test_second_file_takes_the_place_of_the_first() -> None:
    till, field = a_student()
    first = value_of(till.post("extend", **{field: a_file()}), f"{field}-kept")

    answer = till.order(**{f"{field}-kept": first, field: a_file(b"\x89PNG\r\n\x1a\n...", "new.png")})

    assert answer.status_code == 303
    assert Upload.objects.of(till.organization.id).exclude(order=None).get().name == "new.png"


@pytest.mark.parametrize(
    ("language", "content", "sentence"),
    [
        ("en", b"MZ", "Send a PDF document, or a JPEG or PNG picture."),
        ("fr", b"MZ", "Envoyez un document PDF, ou une image JPEG ou PNG."),
        ("en", b"", "Send a PDF document, or a JPEG or PNG picture."),
        ("en", b"%PDF-" + b"x" * (5 * 1024 * 1024), "This file is too large. The limit is 5 MB."),
        (
            "fr",
            b"%PDF-" + b"x" * (5 * 1024 * 1024),
            "Ce fichier est trop lourd\N{NO-BREAK SPACE}: 5 Mo au maximum.",
        ),
    ],
    ids=["kind", "kind-fr", "empty", "size", "size-fr"],
)
def test_file_that_is_not_taken_is_told_beside_its_field(
    language: str, content: bytes, sentence: str
) -> None:
    till, field = a_student()
    till.language = language

    refused = till.order(**{field: a_file(content)})

    assert (refused.status_code, error_of(refused, field)) == (422, sentence)
    assert not Upload.objects.of(till.organization.id).exists()
    assert till.orders() == []


def test_missing_file_is_asked_for() -> None:
    till, field = a_student()

    assert error_of(till.order(), field) == "Please choose a file."


def test_files_of_others_are_not_taken() -> None:
    till, field = a_student()
    other, other_field = a_student()
    foreign = value_of(other.post("extend", **{other_field: a_file()}), f"{other_field}-kept")
    loose = make_upload(till.organization)

    for token in (foreign, str(loose.id), f"{loose.id}:x", "x", "\x00"):
        assert error_of(till.order(**{f"{field}-kept": token}), field) == "Please choose a file."
    assert till.orders() == []


def test_file_that_another_order_has_is_asked_for_again() -> None:
    till, field = a_student()
    kept = value_of(till.post("extend", **{field: a_file()}), f"{field}-kept")
    assert till.order(**{f"{field}-kept": kept}).status_code == 303
    kind = Ticket.objects.of(till.organization.id).get().ticket_type
    till.fill(line(kind))

    assert error_of(till.order(**{f"{field}-kept": kept}), field) == "Please choose a file."


def test_form_that_is_far_too_long_is_refused() -> None:
    till = a_sale()

    answer = till.post("order", **ADA, extra="x" * (11 * 1024 * 1024))

    assert answer.status_code == 422
    assert till.orders() == []
