from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from kassa.core.clock import format_moment
from kassa.core.database import violated_constraint
from kassa.core.errors import AlreadyExists, Conflict, InvalidInput, KassaError


class EventMoveNotAllowed(Conflict):
    """The event's status does not allow this move."""

    code = "event_move_not_allowed"

    def __init__(self, *, status: str, to: str, allowed_from: list[str]) -> None:
        super().__init__(
            f"The event is {status}. Only one that is {' or '.join(allowed_from)} can become {to}.",
            event_status=status,
            to=to,
            allowed_from=allowed_from,
        )


class NothingToBuy(Conflict):
    """A published event would have nothing that can be bought."""

    code = "nothing_to_buy"
    title = "There is nothing to buy"


class CourseInThePast(Conflict):
    """A course that has begun already cannot go on sale; `starts_at` says when it did."""

    code = "course_in_the_past"
    title = "The course has begun already"

    def __init__(self, starts_at: datetime) -> None:
        super().__init__(
            "The course has begun already. Give it a date in the future, or none, and publish it then.",
            starts_at=format_moment(starts_at),
        )


class TooManyQuestions(Conflict):
    """The event asks as many questions as it may; `limit` says how many."""

    code = "too_many_questions"
    title = "The event asks enough"

    def __init__(self, limit: int) -> None:
        super().__init__(f"An event asks at most {limit} questions. Delete one first.", limit=limit)


class AboutLine:
    """What errors about one line of an order or one item of a cart have in common."""

    details: dict[str, Any]
    line: int | None = None
    """Counted from 0 among the lines that were sent. None: it is about none of them."""
    attendee: int | None = None
    """Counted from 0 within the line. None: it is about all of it."""
    cart_item: UUID | None = None
    """The item that the cart has already. None: it is about none of them."""

    def set_line(self, line: int, attendee: int | None = None) -> None:
        """Say which line it is about, and which attendee of it if it is about one."""
        self.line = self.details["line"] = line
        if attendee is not None:
            self.attendee = self.details["attendee"] = attendee

    def set_cart_item(self, item_id: UUID) -> None:
        """Say that it is about an item of the cart instead of a line."""
        self.line, self.cart_item = None, item_id
        del self.details["line"]
        self.details["cart_item"] = str(item_id)


class AnswerRefused(AboutLine, Conflict):
    """An answer to a question that is missing or not one that the question takes.

    ``question`` is its key. Whoever asks for a whole order adds ``line`` and ``attendee``.
    """

    def __init__(
        self,
        detail: str,
        *,
        question: str,
        line: int | None = None,
        attendee: int | None = None,
        **details: Any,
    ) -> None:
        super().__init__(detail, question=question, **details)
        self.question = question
        if line is not None:
            self.set_line(line, attendee)


class AnswerMissing(AnswerRefused):
    """A question that must be answered is not; `question` is its key."""

    code = "answer_missing"
    title = "An answer is missing"

    def __init__(self, *, question: str, label: str) -> None:
        super().__init__(f"Answer '{label}'.", question=question, label=label)


class AnswerInvalid(AnswerRefused):
    """An answer is not one that the question takes; `question` is its key."""

    code = "answer_invalid"
    title = "An answer does not fit"


class AttendeeNameMissing(AboutLine, Conflict):
    """A ticket needs the first and the last name of its attendee; `missing` is the field without one.

    Whoever asks for a whole order adds ``line`` and ``attendee``.
    """

    code = "attendee_name_missing"
    title = "A name is missing"

    def __init__(
        self, *, name: str, missing: str, line: int | None = None, attendee: int | None = None
    ) -> None:
        super().__init__(f"Send the first and the last name of each attendee with '{name}'.", missing=missing)
        self.missing = missing
        if line is not None:
            self.set_line(line, attendee)


def _invalid(sentence: str, field: str) -> Callable[[], KassaError]:
    return lambda: InvalidInput(sentence, field=field)


_REFUSALS: dict[str, Callable[[], KassaError]] = {
    "catalog_event_capacity_quota": _invalid("There is no such quota in your organisation.", "capacity"),
    "catalog_event_times": _invalid("Let it end after it starts.", "ends_at"),
    "catalog_event_sales_period": _invalid("Let sales end after they start.", "sales_end_at"),
    "catalog_event_scheduled": _invalid("Say when it starts; only a course may do without.", "starts_at"),
    "catalog_event_per_customer": _invalid("Let max_per_customer be at least 1.", "max_per_customer"),
    "catalog_event_trip": _invalid("A trip needs origin, destination and ends_at.", "origin"),
    "catalog_tickettype_event": _invalid("There is no such event in your organisation.", "event"),
    "catalog_tickettype_tax_rule": _invalid("There is no such tax rule in your organisation.", "tax_rule"),
    "catalog_tickettype_quota": _invalid("There is no such quota in your organisation.", "quantity"),
    "catalog_tickettype_price": _invalid("A price is zero or more.", "price"),
    "catalog_tickettype_free_costs_nothing": _invalid("A free ticket type has the price 0.", "price"),
    "catalog_tickettype_per_order": _invalid(
        "Let min_per_order be at least 1 and max_per_order not below it.", "max_per_order"
    ),
    "catalog_tickettype_per_customer": _invalid(
        "Let max_per_customer be at least 1, and not below min_per_order.", "max_per_customer"
    ),
    "catalog_tickettype_sales_period": _invalid("Let sales end after they start.", "sales_end_at"),
    "catalog_tickettypequota_quota": _invalid(
        "There is no such shared quota in your organisation.", "shared_quotas"
    ),
    "inventory_quota_capacity": _invalid("Let there be at least one place.", "quantity"),
    "catalog_tickettypequota_once": _invalid("Name each shared quota once.", "shared_quotas"),
    "catalog_question_event": _invalid("There is no such event in your organisation.", "event"),
    "catalog_question_once": lambda: AlreadyExists("The event has a question with this key already."),
    "catalog_question_options": _invalid("A choice has options, and nothing else has.", "options"),
    "catalog_question_max_length": _invalid("Let max_length be 1 to 5000.", "max_length"),
    "catalog_questiontickettype_type": _invalid(
        "There is no such ticket type in this event.", "ticket_types"
    ),
    "catalog_questiontickettype_once": _invalid("Name each ticket type once.", "ticket_types"),
    "catalog_product_event": _invalid("There is no such event in your organisation.", "event"),
    "catalog_product_tax_rule": _invalid("There is no such tax rule in your organisation.", "tax_rule"),
    "catalog_product_price": _invalid("A price is zero or more.", "price"),
    "catalog_product_per_order": _invalid("Let max_per_order be at least 1.", "max_per_order"),
    "catalog_product_per_customer": _invalid("Let max_per_customer be at least 1.", "max_per_customer"),
    "catalog_product_sku": lambda: AlreadyExists("Another product has this sku. Choose another one."),
    "catalog_taxrule_rate": _invalid("A rate is a percentage from 0 to 100.", "rate"),
}


def refusal_of(error: IntegrityError) -> KassaError:
    """Return the refusal that belongs to a broken constraint of this domain's tables.

    Raises:
        IntegrityError: the constraint is not one of these tables.
    """
    name = violated_constraint(error)
    if name in _REFUSALS:
        return _REFUSALS[name]()
    if name.startswith("catalog_"):
        return InvalidInput(f"This breaks the rule '{name}'. Look at the values again.", rule=name)
    raise error
