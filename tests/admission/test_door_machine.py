"""Any sequence of scans, undoing, transfers, refunds and late batches leaves one truthful history.

The machine plays visitors, two gates that are now and then without a network, and staff. After every step
the audit holds scans, presences and tickets against each other, and the chains are folded once more in
Python; everybody who was ever let in is found as accepted or as a conflict.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from kassa.admission.domain.fold import Link, fold
from kassa.admission.domain.scan import WantedScan
from kassa.admission.enums import ScanKind
from kassa.admission.models import Conflict, Presence, Scan
from kassa.core.errors import KassaError
from kassa.orders.models import Order, Ticket
from kassa.payments.domain.manual_status import cancel_order
from kassa.tickets.domain.block import block_ticket, unblock_ticket
from kassa.tickets.domain.reissue import reissue_ticket
from kassa.tickets.domain.transfer import NewHolder, Offer, accept_transfer, offer_ticket
from tests.admission.hall import Hall
from tests.payments.money import give_back, paid_order
from tests.support.books import assert_books_balance
from tests.support.factories import enable_provider, line

NTH = st.integers(0, 7)
GATE = st.integers(0, 1)
KIND = st.sampled_from([ScanKind.ENTRY, ScanKind.ENTRY, ScanKind.EXIT])


class DoorMachine(RuleBasedStateMachine):
    """Knows nothing of how the door decides; only what must never be."""

    def __init__(self) -> None:
        super().__init__()
        self.hall = Hall()
        enable_provider(self.hall.organization, "manual")
        orders = [paid_order(self.hall, line(self.hall.standing, 2)) for _ in range(2)]
        self.tickets = list(
            Ticket.objects.of(self.hall.id).filter(order__in=orders).order_by("id")
        ) + self.hall.issue(2)
        self.lists = [
            self.hall.make_list(entry_rule="after_exit", counts_exits=True),
            self.hall.make_list(name="Once"),
            self.hall.make_list(name="Bar", area="bar", entry_rule="after_exit", counts_exits=True),
        ]
        self.guards = [self.hall.make_guard(name=name, gate=name) for name in ("North", "South")]
        self.codes = [ticket.code for ticket in self.tickets]
        self.queues: list[list[WantedScan]] = [[], []]
        self.sent: list[tuple[int, list[WantedScan]]] = []
        self.let_in: set[UUID] = set()
        self.answers: dict[UUID, dict[str, Any]] = {}

    def attempt(self, act: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        with suppress(KassaError):
            return act(*arguments, **more)
        return None

    def ticket(self, nth: int) -> Ticket:
        return self.hall.again(self.tickets[nth % len(self.tickets)])

    def code(self, nth: int) -> str:
        """Return a code that somebody has, of today or from before."""
        return self.codes[nth % len(self.codes)]

    def remember(self, answer: dict[str, Any]) -> None:
        """Hold an answer against the one that was given before to the same scan."""
        known = {name: answer[name] for name in ("result", "accepted", "kind", "previous")}
        assert self.answers.setdefault(UUID(answer["id"]), known) == known

    @rule(nth=st.integers(0, 30), gate=GATE, kind=KIND, door=st.integers(0, 2))
    def scan(self, nth: int, gate: int, kind: ScanKind, door: int) -> None:
        answer = self.hall.scan(
            self.code(nth), guard=self.guards[gate], kind=kind, list_id=self.lists[door].id
        )
        self.remember(answer)
        if answer["accepted"] and kind == ScanKind.ENTRY:
            self.let_in.add(UUID(answer["id"]))

    @rule(nth=st.integers(0, 30), gate=GATE, kind=KIND, door=st.integers(0, 2), passes=st.booleans())
    def scan_offline(self, nth: int, gate: int, kind: ScanKind, door: int, passes: bool) -> None:
        wanted = self.hall.wanted(
            self.code(nth), kind=kind, list_id=self.lists[door].id, scanned_at=self.hall.now, let_in=passes
        )
        self.queues[gate].append(wanted)
        if passes and kind == ScanKind.ENTRY:
            self.let_in.add(wanted.id)

    @rule(gate=GATE, is_lost=st.booleans())
    def merge(self, gate: int, is_lost: bool) -> None:
        """The answer may get lost on its way; then the whole batch is sent again some time."""
        batch = self.queues[gate]
        if batch:
            for answer in self.hall.merge(*batch, guard=self.guards[gate]):
                self.remember(answer)
            self.sent.append((gate, list(batch)))
            if not is_lost:
                self.queues[gate] = []

    @rule(nth=NTH)
    def merge_again(self, nth: int) -> None:
        if self.sent:
            gate, batch = self.sent[nth % len(self.sent)]
            for answer in self.hall.merge(*batch, guard=self.guards[gate]):
                self.remember(answer)

    @rule(nth=st.integers(0, 40))
    def undo(self, nth: int) -> None:
        scans = list(Scan.objects.of(self.hall.id).order_by("-id")[:6])
        if scans:
            self.attempt(self.hall.undo, {"id": str(scans[nth % len(scans)].client_id)})

    @rule(nth=NTH)
    def transfer(self, nth: int) -> None:
        ticket, context = self.ticket(nth), self.hall.context()
        offer = Offer(to_email=f"{uuid4().hex[:6]}@example.com")
        made = self.attempt(offer_ticket, context, ticket.id, offer=offer)
        if made and self.attempt(accept_transfer, context, made.id, holder=NewHolder("Grace")):
            self.codes.append(self.ticket(nth).code)

    @rule(nth=NTH)
    def reissue(self, nth: int) -> None:
        if made := self.attempt(reissue_ticket, self.hall.context(), self.ticket(nth).id):
            self.codes.append(made.code)

    @rule(nth=NTH, blocks=st.booleans())
    def block(self, nth: int, blocks: bool) -> None:
        ticket_id, context = self.ticket(nth).id, self.hall.context()
        if blocks:
            self.attempt(block_ticket, context, ticket_id, reason="Lost")
        else:
            self.attempt(unblock_ticket, context, ticket_id)

    @rule(nth=NTH, everything=st.booleans())
    def refund(self, nth: int, everything: bool) -> None:
        ticket = self.ticket(nth)
        order = Order.objects.of(self.hall.id).get(id=ticket.order_id)
        wish: dict[str, Any] = {"everything": True} if everything else {"tickets": [ticket.id]}
        self.attempt(give_back, self.hall, order, **wish)

    @rule(nth=NTH)
    def cancel(self, nth: int) -> None:
        self.attempt(cancel_order, self.hall.context(), self.ticket(nth).order_id)

    @invariant()
    def the_history_is_one_and_true(self) -> None:
        hall = self.hall
        assert_books_balance(hall.id)
        scans = Scan.objects.of(hall.id).filter(turn__isnull=False).order_by("ticket_id", "area", "turn")
        folded = {}
        for (ticket_id, area), chain in groupby(scans, key=lambda scan: (scan.ticket_id, scan.area)):
            links = [Link(one.id, ScanKind(one.kind), one.scanned_at, one.undoes_id) for one in chain]
            folded[ticket_id, area] = state = fold(links)
            assert state.turn == len(links)
            standing: list[Link] = []
            for link in links:
                if link.kind == ScanKind.UNDO:
                    standing.pop()
                    continue
                # Nobody goes in while somebody is in with the ticket, and nobody out while nobody is.
                assert (link.kind == ScanKind.ENTRY) != bool(standing and standing[-1].kind == ScanKind.ENTRY)
                standing.append(link)
        kept = {
            (row.ticket_id, row.area): (row.entries, row.is_inside, row.entered_at, row.last_scan_id)
            for row in Presence.objects.of(hall.id)
        }
        assert kept == {
            key: (one.entries, one.is_inside, one.entered_at, one.last) for key, one in folded.items()
        }

    @invariant()
    def nobody_who_was_let_in_is_lost(self) -> None:
        hall = self.hall
        entries = Scan.objects.of(hall.id).filter(kind=ScanKind.ENTRY)
        told = {
            *entries.filter(turn__isnull=False).values_list("client_id", flat=True),
            *Conflict.objects.of(hall.id).values_list("scan__client_id", flat=True),
        }
        waiting = {wanted.id for queue in self.queues for wanted in queue}
        assert self.let_in - waiting <= told <= self.let_in


def test_whatever_happens_at_the_door_is_one_history(transactional_db: None) -> None:
    run_state_machine_as_test(
        DoorMachine,
        settings=settings(
            max_examples=7,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
