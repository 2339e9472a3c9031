"""All that is filled in at a checkout: one sheet of small forms, and the order that it makes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import get_language

from kassa.catalog.errors import AnswerRefused, AttendeeNameMissing
from kassa.core.errors import KassaError
from kassa.orders.models import Ticket
from kassa.sales.domain.cart_order import Checkout
from kassa.sales.domain.request import Customer
from kassa.storefront.checkout.basket import Basket, Place
from kassa.storefront.checkout.buyer_key import buyer_fingerprint, order_key
from kassa.storefront.checkout.forms import (
    NAMES,
    AddressForm,
    AnswersForm,
    AttendeeForm,
    BuyerForm,
    ConsentForm,
    InvoiceForm,
    QuietForm,
    WayForm,
)
from kassa.storefront.checkout.known import Known
from kassa.storefront.checkout.uploads import Folder
from kassa.storefront.checkout.visit import Visit
from kassa.storefront.checkout.ways import RefusedWay, WaysToPay
from kassa.storefront.refusals import refusal_text

MOST_NAMED = 100
"""Of more tickets nobody types the names here; each has a page of its own for that."""


@dataclass(frozen=True, slots=True)
class TicketForm:
    """The form of one ticket."""

    place: Place
    form: AttendeeForm


@dataclass(frozen=True, slots=True)
class Wrong:
    """A field that needs another look."""

    field_id: str
    label: str
    text: str


class Sheet:
    """The forms of one checkout, empty or as they were sent."""

    def __init__(self, visit: Visit, basket: Basket, *, ways: WaysToPay, known: Known, is_sent: bool) -> None:
        self.visit, self.basket, self.known, self.ways = visit, basket, known, ways
        self.folder = Folder(visit, is_open=basket.takes_files(visit.now))
        given: dict[str, Any] = {}
        if is_sent:
            given = {"data": visit.request.POST, "files": visit.request.FILES}
            self.folder.read(visit.request.POST)
        self._given = given
        self.buyer = BuyerForm(**given, initial=known.buyer)
        self.tickets = self._ticket_forms()
        if any(one.form.names_required and one.form.is_mine for one in self.tickets):
            self.buyer.fields["last_name"].required = True
        self.answers = AnswersForm(
            **given, prefix="q", questions=basket.order_questions, folder=self.folder, answers=known.answers
        )
        self.shipping = (
            AddressForm(**given, prefix="shipping", initial=known.shipping, recipient=self._buyer_name())
            if basket.ships
            else None
        )
        self.invoice = InvoiceForm(**given, prefix="invoice", initial=known.invoice)
        has_terms = bool(visit.shop.terms_of_service_url or visit.shop.privacy_policy_url)
        self.consent = ConsentForm(**given, has_terms=has_terms, initial={"notes": known.notes})
        names = [way.name for way in ways.offered]
        first = {"provider": names[0]} if names else {}
        reasons = {way.name: way.reason for way in ways.refused}
        self.way = (
            WayForm(**given, names=names, reasons=reasons, initial=first) if basket.is_paid_now else None
        )

    @property
    def forms(self) -> Iterator[QuietForm]:
        """Go through all forms, in the order of the page."""
        yield self.buyer
        yield from (ticket.form for ticket in self.tickets)
        yield self.answers
        if self.shipping is not None:
            yield self.shipping
        yield self.consent
        yield self.invoice
        if self.way is not None:
            yield self.way

    @property
    def refused_way(self) -> RefusedWay | None:
        """Return the way that was chosen and cannot be taken. None: another one, or nothing was sent yet."""
        if self.way is None or not self.way["provider"].errors:
            return None
        chosen = self.way["provider"].value()
        return next((way for way in self.ways.refused if way.name == chosen), None)

    @property
    def asks_of_tickets(self) -> bool:
        """Whether a ticket asks more than a name that may stay empty."""
        return any(ticket.form.questions or ticket.form.names_required for ticket in self.tickets)

    @property
    def names_open(self) -> bool:
        """Whether a name is written, or one is said not to be the buyer's."""
        return any(ticket.form[name].value() for ticket in self.tickets for name in NAMES) or any(
            "mine" in one.form.fields and not one.form["mine"].value() for one in self.tickets
        )

    def is_valid(self) -> bool:
        """Look at all forms, not only up to the first that is wrong."""
        return not [form for form in self.forms if not form.is_valid()]

    def hush(self) -> None:
        """Show what was typed, and say nothing yet of what is missing."""
        for form in self.forms:
            form.hush()

    def wrong(self) -> list[Wrong]:
        """Return the fields that need another look, in the order of the page."""
        return [
            Wrong(form.add_prefix(name), str(form.fields[name].label or ""), str(errors[0]))
            for form in self.forms
            for name, errors in form.errors.items()
            if name in form.fields
        ]

    def refuse(self, refusal: KassaError) -> bool:
        """Say a refusal of a name or an answer beside its field; tell whether there is such a field."""
        match refusal:
            case AnswerRefused():
                name = f"answer-{refusal.question}"
            case AttendeeNameMissing():
                name = refusal.missing
            case _:
                return False
        form = self._asking(refusal.line, refusal.attendee)
        if form is None or name not in form.fields:
            return False
        form.add_error(name, refusal_text(refusal))
        return True

    def checkout(self) -> Checkout:
        """Return the order that a valid sheet makes: one for each cart, however often it is sent."""
        return Checkout(
            idempotency_key=order_key(self.visit),
            fingerprint=buyer_fingerprint(self.visit),
            customer=self._customer(),
            attendees=self._attendees(),
            shipping_address=self.shipping.address() if self.shipping else None,
            billing_address=self.invoice.address(),
            notes=self.consent.cleaned_data["notes"],
            answers=self.answers.answers(),
        )

    @property
    def provider(self) -> str | None:
        """Return how it is to be paid. None: nothing is paid now."""
        return self.way.cleaned_data["provider"] if self.way else None

    def _asking(self, line: int | None, attendee: int | None) -> AnswersForm | None:
        """Return the form that asks a ticket of a line, or without one the order. None: there is none."""
        if line is None or attendee is None:
            return self.answers
        item_id = self.basket.items[line].id
        owners = [one.form for one in self.tickets if one.place.item.id == item_id]
        return owners[attendee] if attendee < len(owners) else None

    def _buyer_name(self) -> str:
        """Return the buyer's name, as far as it is typed or known."""
        parts = (str(self.buyer[name].value() or "").strip() for name in ("first_name", "last_name"))
        return " ".join(part for part in parts if part)

    def _ticket_forms(self) -> tuple[TicketForm, ...]:
        places = self.basket.places
        if len(places) > MOST_NAMED:
            places = tuple(place for place in places if place.questions or place.names_required)
        return tuple(
            TicketForm(place, self._ticket_form(place, is_first=nth == 0)) for nth, place in enumerate(places)
        )

    def _ticket_form(self, place: Place, *, is_first: bool) -> AttendeeForm:
        tickets = self.known.attendees.get(place.type_id, ())
        before: Ticket | None = tickets[place.nth] if place.nth < len(tickets) else None
        initial: dict[str, Any] = {}
        if before is not None:
            initial = {"first_name": before.attendee_first_name, "last_name": before.attendee_last_name}
            is_mine = (initial["first_name"], initial["last_name"]) == (
                self.known.buyer.get("first_name"),
                self.known.buyer.get("last_name"),
            )
            initial["mine"] = is_mine
        return AttendeeForm(
            **self._given,
            prefix=place.prefix,
            initial=initial,
            questions=place.questions,
            answers=before.attendee_fields if before else None,
            folder=self.folder,
            is_first=is_first,
            names_required=place.names_required,
        )

    def _customer(self) -> Customer:
        given, buyer = self.buyer.cleaned_data, self.visit.buyer
        return Customer(
            email=given["email"],
            first_name=given["first_name"],
            last_name=given["last_name"],
            phone=given["phone"],
            marketing=self.consent.cleaned_data["marketing"],
            language=get_language(),
            user_id=buyer.id if buyer else None,
        )

    def _attendees(self) -> dict[UUID, tuple[Mapping[str, Any], ...]]:
        named: defaultdict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
        for ticket in self.tickets:
            given = ticket.form.cleaned_data
            source = self.buyer.cleaned_data if given.get("mine") else given
            named[ticket.place.item.id].append(
                {
                    "first_name": source["first_name"],
                    "last_name": source["last_name"],
                    "email": source["email"] if given.get("mine") else "",
                    "fields": ticket.form.answers(),
                }
            )
        return {item_id: tuple(attendees) for item_id, attendees in named.items()}
