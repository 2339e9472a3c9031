"""A ticket's way against a model of it: at any moment one code at most lets in, and the papers say so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kassa.core.errors import KassaError
from kassa.tickets.domain.reissue import MOST_BY_HOLDER_A_DAY
from kassa.tickets.domain.transfer import DAY, MOST_OFFERS_A_DAY, NewHolder
from kassa.tickets.models import FormerCode, Transfer
from kassa.tickets.queries import ticket_document_of
from tests.tickets.holders import Holders

PEOPLE = ("ada@example.com", "grace@example.com", "edsger@example.com", "barbara@example.com")
DAYS_LEFT = 30
ENDED = ("refunded", "cancelled")


class Way(RuleBasedStateMachine):
    """One ticket, offered, accepted, declined, withdrawn, forgotten, lost, blocked, given back."""

    def __init__(self) -> None:
        super().__init__()
        self.holders = Holders()
        self.holder = PEOPLE[0]
        self.status = "valid"
        self.is_blocked = False
        self.codes = [(self.holders.ticket.code, "")]
        """Every code it had, and why it ended; the last one is its own."""
        self.offers: list[Transfer] = []
        self.ends: list[str] = []
        """How the model says each offer stands; ``offered`` even where its time is over and nobody looked."""

    # What the model knows.

    @property
    def days_gone(self) -> int:
        return self.holders.later.days

    def is_open(self, which: int) -> bool:
        """Whether an offer can be acted on."""
        return self.ends[which] == "offered" and self.offers[which].expires_at > self.holders.now

    def can_go(self) -> bool:
        return self.status == "valid" and not self.is_blocked and self.days_gone < DAYS_LEFT

    def offered_now(self) -> bool:
        return any(self.is_open(which) for which in range(len(self.offers)))

    def attempt(self, act: Any, *given: Any) -> str:
        try:
            act(*given)
        except KassaError as error:
            return error.code
        return "done"

    # What happens.

    @rule(to=st.sampled_from(PEOPLE))
    def offer(self, to: str) -> None:
        overdue = [
            which for which, end in enumerate(self.ends) if end == "offered" and not self.is_open(which)
        ]
        is_often = (
            sum(offer.offered_at > self.holders.now - DAY for offer in self.offers) >= MOST_OFFERS_A_DAY
        )
        is_fine = self.can_go() and not self.offered_now() and not is_often and to != self.holder

        told = self.attempt(self.holders.offer, to)

        assert (told == "done") == is_fine, told
        if is_fine:
            for which in overdue:
                self.ends[which] = "expired"
            self.offers.append(Transfer.objects.of(self.holders.id).order_by("-id")[0])
            self.ends.append("offered")

    @precondition(lambda self: self.offers)
    @rule(which=st.integers(0, 50))
    def accept(self, which: int) -> None:
        which %= len(self.offers)
        was, is_open = self.ends[which], self.is_open(which)
        is_fine = is_open and self.can_go()

        told = self.attempt(self.holders.accept, self.offers[which], NewHolder("New"))

        assert (told == "done") == (is_fine or was == "accepted"), told
        if is_fine:
            self.ends[which] = "accepted"
            self.holder = self.offers[which].to_email
            self.end_code("transferred")
        elif was == "offered" and self.status != "valid":
            self.ends[which] = "withdrawn"

    @precondition(lambda self: self.offers)
    @rule(which=st.integers(0, 50), end=st.sampled_from(("declined", "withdrawn")))
    def end_offer(self, which: int, end: str) -> None:
        which %= len(self.offers)
        is_open = self.is_open(which)
        act = self.holders.decline if end == "declined" else self.holders.withdraw

        told = self.attempt(act, self.offers[which])

        assert (told == "done") == (is_open or self.ends[which] == end), told
        if is_open:
            self.ends[which] = end

    @rule(days=st.integers(1, 8))
    def pass_time(self, days: int) -> None:
        self.holders.later += timedelta(days=days)

    @rule()
    def sweep(self) -> None:
        over = [which for which, end in enumerate(self.ends) if end == "offered"]
        over = [which for which in over if self.status != "valid" or not self.is_open(which)]

        assert self.holders.expire() == len(over)

        for which in over:
            self.ends[which] = "expired" if self.status == "valid" else "withdrawn"

    @rule(by_holder=st.booleans())
    def reissue(self, by_holder: bool) -> None:
        is_fine = self.status == "valid" and not (by_holder and self.is_blocked)

        told = self.attempt(self.holders.reissue, self.holders.ticket.code if by_holder else None)

        if told == "too_many_offers":
            replaced = FormerCode.objects.of(self.holders.id).filter(reason="reissued").count()
            assert by_holder
            assert is_fine
            assert replaced >= MOST_BY_HOLDER_A_DAY
            return
        assert (told == "done") == is_fine, told
        if is_fine:
            for which, end in enumerate(self.ends):
                if end == "offered":
                    self.ends[which] = "withdrawn" if self.is_open(which) else "expired"
            self.end_code("reissued")

    @rule()
    def block(self) -> None:
        told = self.attempt(self.holders.block)
        assert (told == "done") == (self.status == "valid")
        self.is_blocked = self.is_blocked or told == "done"

    @rule()
    def unblock(self) -> None:
        self.holders.unblock()
        self.is_blocked = False

    @precondition(lambda self: self.status == "valid")
    @rule(cancel=st.booleans())
    def end(self, cancel: bool) -> None:
        (self.holders.cancel if cancel else self.holders.refund)()
        self.status = "cancelled" if cancel else "refunded"

    def end_code(self, reason: str) -> None:
        self.codes[-1] = (self.codes[-1][0], reason)
        self.codes.append((self.holders.ticket.code, ""))

    # What holds at any moment.

    @invariant()
    def one_code_at_most_lets_in(self) -> None:
        ticket = self.holders.ticket
        former = list(FormerCode.objects.of(self.holders.id).order_by("id").values_list("code", "reason"))
        assert former == self.codes[:-1]
        assert ticket.code == self.codes[-1][0]
        assert len({code for code, _ in self.codes}) == len(self.codes)
        assert (ticket.status, ticket.blocked_at is not None) == (self.status, self.is_blocked)

    @invariant()
    def offers_stand_as_the_model_says(self) -> None:
        found = Transfer.objects.of(self.holders.id).order_by("id").values_list("status", flat=True)
        assert list(found) == self.ends
        assert self.ends.count("offered") <= 1

    @invariant()
    def the_document_is_truthful(self) -> None:
        ticket = self.holders.ticket
        document = ticket_document_of(self.holders.id, ticket, now=self.holders.now)
        assert (document["code"], document["status"]) == (self.codes[-1][0], self.status)
        assert (document["qr_code"] is not None) == (self.status == "valid")
        shown = [transfer["status"] for transfer in document["transfers"]]
        assert shown == [
            "expired" if end == "offered" and not self.is_open(which) else end
            for which, end in enumerate(self.ends)
        ]
        if "accepted" in self.ends:
            assert document["attendee"]["email"] == document["transferred_to"] == self.holder


def test_a_ticket_goes_its_way_as_the_model_says(db: None) -> None:
    run_state_machine_as_test(
        Way,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],  # Looking for a shorter failure takes minutes here.
            suppress_health_check=list(HealthCheck),
        ),
    )
