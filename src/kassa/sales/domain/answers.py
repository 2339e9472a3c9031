"""Whether an order says what it is asked: names and answers, by its quote and what is on offer. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from kassa.catalog.domain.answers import (
    AskedQuestion,
    asked_of_order,
    asked_of_ticket,
    check_answers,
    upload_ids,
)
from kassa.catalog.domain.attendee_names import find_missing_name
from kassa.catalog.errors import AnswerInvalid, AnswerRefused, AttendeeNameMissing
from kassa.sales.domain.offers import Offer, Offers
from kassa.sales.domain.quote import FileAnswer, Quote
from kassa.sales.domain.request import RequestedLine


def refuse_unnamed(quote: Quote) -> AttendeeNameMissing | None:
    """Return why the names of an order are not enough; None: they are."""
    for index, (line, offer) in enumerate(zip(quote.request.lines, quote.offers, strict=True)):
        if not offer.names_required:
            continue
        for nth in range(line.quantity):
            attendee = line.attendees[nth] if nth < len(line.attendees) else {}
            missing = find_missing_name(attendee.get("first_name"), attendee.get("last_name"))
            if missing is not None:
                return AttendeeNameMissing(name=offer.name, missing=missing, line=index, attendee=nth)
    return None


def answer_questions(quote: Quote, offers: Offers) -> Quote | AnswerRefused:
    """Return a quote with its answers as they are kept, or why they are not enough.

    An attendee who is not named has answered nothing. What no question asks is the client's own
    on an attendee, and refused on the order, which keeps nothing but answers.
    """
    if not offers.questions and not quote.request.answers:
        return quote
    files: list[FileAnswer] = []
    try:
        pairs = zip(quote.request.lines, quote.offers, strict=True)
        lines = tuple(
            _answered(line, offer, index, offers.questions, files)
            for index, (line, offer) in enumerate(pairs)
        )
        answers = _of_order(quote, offers.questions, files)
    except AnswerRefused as refusal:
        return refusal
    return replace(quote, request=replace(quote.request, lines=lines, answers=answers), files=tuple(files))


def _answered(
    line: RequestedLine,
    offer: Offer,
    index: int,
    questions: Mapping[UUID, Sequence[AskedQuestion]],
    files: list[FileAnswer],
) -> RequestedLine:
    if offer.is_product or offer.event_id is None:
        return line
    asked = asked_of_ticket(questions.get(offer.event_id, ()), offer.id)
    if not asked:
        return line
    unnamed: list[Mapping[str, Any]] = [{}] * (line.quantity - len(line.attendees))
    attendees = []
    for nth, attendee in enumerate([*line.attendees, *unnamed]):
        try:
            fields = check_answers(asked, attendee.get("fields") or {})
        except AnswerRefused as refusal:
            refusal.set_line(index, nth)
            raise
        attendees.append({**attendee, "fields": fields})
        files.extend(_files(asked, fields, line=index, attendee=nth))
    return replace(line, attendees=tuple(attendees))


def _of_order(
    quote: Quote, questions: Mapping[UUID, Sequence[AskedQuestion]], files: list[FileAnswer]
) -> Mapping[str, Any]:
    given = quote.request.answers
    types = {offer.id for offer in quote.offers if not offer.is_product}
    asked = [one for of_event in questions.values() for one in asked_of_order(of_event, types)]
    unasked = sorted(given.keys() - {one.key for one in asked})
    if unasked:
        raise AnswerInvalid(f"This order is not asked '{unasked[0]}'.", question=unasked[0])
    answers = check_answers(asked, given)
    files.extend(_files(asked, answers))
    return answers


def _files(asked: Iterable[AskedQuestion], answers: Mapping[str, Any], **place: int) -> Iterable[FileAnswer]:
    for key, upload_id in upload_ids(asked, answers).items():
        yield FileAnswer(upload_id=upload_id, question=key, place=place)
