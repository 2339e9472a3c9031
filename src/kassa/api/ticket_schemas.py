"""The shapes of tickets and of their way from hand to hand."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Field, Schema
from pydantic import AfterValidator

from kassa.api.filters import Several
from kassa.api.inputs import EMPTY_TEXT, KEPT, PersonName, Text300, Text500
from kassa.api.order_schemas import TicketOut, small_fields
from kassa.api.schemas import Email, Input, Text, example
from kassa.core.languages import Language
from kassa.orders.enums import TicketStatus
from kassa.tickets.enums import TransferStatus


class TransferOut(Schema):
    """A ticket offered to another person, and what came of it."""

    id: UUID
    ticket: UUID
    status: TransferStatus
    from_name: str
    from_email: str
    to_name: str
    to_email: str
    message: str
    language: Language | None = Field(description="Null: the organisation's.")
    offered_by: UUID | None = Field(description="Null: who holds the ticket, by their own link.")
    offered_by_kind: str
    offered_at: datetime
    expires_at: datetime = Field(description="Exclusive: until when it can be accepted.")
    ended_at: datetime | None = Field(description="Null: it is open, or was not accepted in time.")


class TicketLinksOut(Schema):
    self: str
    transfers: str
    pdf: str | None = Field(description="Null: there is nothing to print.")
    calendar: str
    page: str | None = Field(
        description="The holder's own page. Anyone who has the link has the ticket: share it with nobody "
        "else. Null: the ticket is not valid."
    )


class WholeTicketOut(TicketOut):
    """A ticket with what it is for and the way it went."""

    block_reason: str
    order: UUID
    order_number: str = Field(examples=["ORD-2026-00001"])
    currency: str
    event_title: str
    event_starts_at: datetime | None
    ticket_type_name: str
    qr_code: str | None = Field(
        description="The text of its QR code, signed. Null: the ticket is not valid, or the key that signs "
        "is lost; see `/signing-keys`."
    )
    unprintable_letters: str = Field(
        description="Letters of the name, the title and the ticket type that no font has: boxes are printed "
        "in their place. Empty: there are none."
    )
    transfers: list[TransferOut] = Field(description="Oldest first.")
    created_at: datetime
    updated_at: datetime
    links: TicketLinksOut


class TicketFilters(Schema):
    event: UUID | None = None
    order: UUID | None = None
    ticket_type: UUID | None = None
    status: Several[TicketStatus]
    code: Text | None = Field(
        None,
        min_length=1,
        max_length=40,
        description="As people write it; a code that it had once finds it, too.",
    )
    email: Text | None = Field(None, max_length=254, description="Of the buyer or of the ticket's holder.")


class AttendeeIn(Input):
    """The details on a ticket; fields left out stay."""

    model_config = example(first_name="Grace", last_name="Hopper", fields={"size": "M"})

    first_name: PersonName = KEPT
    last_name: PersonName = KEPT
    email: Email | None = KEPT
    phone: Annotated[Text, Field(max_length=40), EMPTY_TEXT] = KEPT
    fields: Annotated[
        dict[str, str | int | bool | None],
        AfterValidator(small_fields),
        Field(description="Answers by the question's key; a null takes one back. Others stay."),
    ] = KEPT


class OfferIn(Input):
    """To whom a ticket is to go."""

    model_config = example(to_email="grace@example.com", to_name="Grace Hopper", message="Enjoy!")

    to_email: Email
    to_name: PersonName = ""
    message: Text500 = Field("", description="Words to the new person, sent along.")
    language: Language | None = Field(
        None, description="What the new person is written to in. Null: the organisation's."
    )


class AcceptIn(Input):
    """Who the new person is; without a name it is the one the ticket was offered to."""

    model_config = example(first_name="Grace", last_name="Hopper")

    first_name: PersonName = ""
    last_name: PersonName = ""
    phone: Text = Field("", max_length=40)


class BlockIn(Input):
    model_config = example(reason="Reported stolen.")

    reason: Text300 = ""


class ReasonIn(Input):
    model_config = example(reason="It was found again.")

    reason: Text300 = ""
