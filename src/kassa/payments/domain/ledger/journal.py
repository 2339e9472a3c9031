"""The journal: postings are collected, and written in one statement that the database checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kassa.core.database import Statements, plain_array
from kassa.core.ids import new_id
from kassa.core.money import ZERO
from kassa.payments.enums import Account, PostingKind

INSERT_ENTRIES = """
INSERT INTO payments_ledgerentry (id, organization_id, posting_id, kind, account, provider, order_id,
                                  transaction_id, amount, currency, created_at)
SELECT d.id, %s, d.posting, d.kind, d.account, d.provider, d.order_id, d.transaction_id, d.amount,
       d.currency, %s
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::uuid[], %s::numeric[],
            %s::text[]) AS d(id, posting, kind, account, provider, order_id, transaction_id, amount, currency)
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One side of a posting: positive is a debit, negative a credit."""

    account: Account
    amount: Decimal
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Posting:
    """Lines that belong together and add up to zero."""

    kind: PostingKind
    currency: str
    lines: tuple[Line, ...]
    order_id: UUID | None = None
    transaction_id: UUID | None = None


@dataclass(slots=True)
class Journal:
    """Postings of one transaction of the database, in the order in which they happened."""

    postings: list[Posting] = field(default_factory=list)

    def post(
        self,
        kind: PostingKind,
        amount: Decimal,
        currency: str,
        *,
        debit: Account,
        credit: Account,
        provider: str,
        order_id: UUID | None = None,
        transaction_id: UUID | None = None,
    ) -> None:
        """Note an amount that goes from one account to another; ``provider`` says whose, where it matters."""
        if amount == 0:
            return
        lines = (
            Line(debit, amount, provider if debit == Account.PROVIDER else ""),
            Line(credit, -amount, provider if credit == Account.PROVIDER else ""),
        )
        self.postings.append(Posting(kind, currency, lines, order_id, transaction_id))

    def charge_fees(
        self,
        currency: str,
        *,
        gateway_fee: Decimal,
        platform_fee: Decimal,
        provider: str,
        order_id: UUID | None,
        transaction_id: UUID | None,
    ) -> None:
        """Note what provider and platform have kept of the money at the provider."""
        kept = gateway_fee + platform_fee
        if kept == 0 and gateway_fee == 0:
            return
        lines = (
            Line(Account.GATEWAY_FEES, gateway_fee),
            Line(Account.PLATFORM_FEES, platform_fee),
            Line(Account.PROVIDER, -kept, provider),
        )
        self.postings.append(
            Posting(
                PostingKind.FEES_CHARGED,
                currency,
                tuple(line for line in lines if line.amount != ZERO),
                order_id,
                transaction_id,
            )
        )

    def write(self, database: Statements, organization_id: UUID, *, now: datetime) -> None:
        """Write all of it, within the caller's transaction."""
        rows = [
            (
                new_id(),
                posting_id,
                posting.kind.value,
                line.account.value,
                line.provider,
                posting.order_id,
                posting.transaction_id,
                line.amount,
                posting.currency,
            )
            for posting_id, posting in ((new_id(), posting) for posting in self.postings)
            for line in posting.lines
        ]
        if rows:
            columns = [plain_array(column) for column in zip(*rows, strict=True)]
            columns[4] = "{" + ",".join(f'"{row[4]}"' for row in rows) + "}"  # may be empty
            database.queue(INSERT_ENTRIES, (organization_id, now, *columns))
