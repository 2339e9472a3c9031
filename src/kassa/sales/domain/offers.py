"""What is on offer, read for a whole batch of orders at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from kassa.catalog.domain.answers import AskedQuestion
from kassa.catalog.queries import asked
from kassa.core.database import Statements, plain_array
from kassa.sales.domain.taxes import ChargeTaxation, Tax


@dataclass(frozen=True, slots=True)
class CustomerLimit:
    """How many of something each customer may have, over all their orders."""

    limited_id: UUID
    maximum: int
    name: str
    is_booking: bool = False
    """Whether it is the one booking each of an event."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A ticket type or product, with all the sale needs to know of it."""

    id: UUID
    is_product: bool
    name: str
    sku: str
    price: Decimal
    currency: str
    min_per_order: int
    max_per_order: int | None
    max_per_customer: int | None
    event_max_per_customer: int | None
    tax: Tax | None
    quota_ids: tuple[UUID, ...]
    is_shippable: bool
    event_id: UUID | None
    event_title: str
    event_status: str
    sales_start_at: datetime | None
    sales_end_at: datetime | None
    one_per_customer: bool
    requires_approval: bool
    is_addon: bool
    """Whether it needs another ticket of its event in the same order."""
    is_reduced: bool
    names_required: bool
    """Whether each ticket needs the first and the last name of its attendee."""
    seat_category: str | None

    @property
    def customer_limits(self) -> tuple[CustomerLimit, ...]:
        """Return what of it is limited for each customer."""
        if not self.is_limited:
            return ()
        limits = []
        if self.event_id is not None and self.one_per_customer:
            limits.append(CustomerLimit(self.event_id, 1, self.event_title, is_booking=True))
        elif self.event_id is not None and self.event_max_per_customer is not None:
            limits.append(CustomerLimit(self.event_id, self.event_max_per_customer, self.event_title))
        if self.max_per_customer is not None:
            limits.append(CustomerLimit(self.id, self.max_per_customer, self.name))
        return tuple(limits)

    @property
    def is_limited(self) -> bool:
        """Whether something of it is limited for each customer."""
        return (
            self.one_per_customer
            or self.max_per_customer is not None
            or self.event_max_per_customer is not None
        )


@dataclass(frozen=True, slots=True)
class SaleSettings:
    """How the organisation sells."""

    allow_guest_checkout: bool
    service_fee_percentage: Decimal
    service_fee_fixed: Decimal
    shipping_fee: Decimal
    hold_minutes: int
    approval_hours: int
    max_payment_attempts: int
    merge_sub_addresses: bool
    fee_taxation: ChargeTaxation = "as_goods"
    shipping_taxation: ChargeTaxation = "as_goods"


@dataclass(frozen=True, slots=True)
class CouponOffer:
    """A coupon as it stands."""

    id: UUID
    code: str
    discount_type: str
    discount_value: Decimal
    currency: str | None
    is_active: bool
    starts_at: datetime | None
    ends_at: datetime | None
    max_usage_per_user: int
    max_usage_total: int | None
    min_purchase_amount: Decimal | None
    event_ids: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Offers:
    """Everything a batch asks about, by id (coupons by upper-case code)."""

    settings: SaleSettings | None
    """None: the organisation is gone."""
    items: Mapping[UUID, Offer]
    coupons: Mapping[str, CouponOffer]
    user_ids: frozenset[UUID]
    questions: Mapping[UUID, Sequence[AskedQuestion]] = field(default_factory=dict)
    """What buyers are asked, by event; one without questions is left out."""


SETTINGS_SQL = """
SELECT s.allow_guest_checkout, s.service_fee_percentage, s.service_fee_fixed, s.shipping_fee,
       s.hold_minutes, s.approval_hours, s.max_payment_attempts, s.merge_sub_addresses,
       s.fee_taxation, f.name, f.rate, f.included, s.shipping_taxation, h.name, h.rate, h.included
FROM organizations_organizationsettings s
JOIN organizations_organization o ON o.id = s.organization_id AND o.deleted_at IS NULL
LEFT JOIN catalog_taxrule f ON f.organization_id = s.organization_id AND f.id = s.fee_tax_rule_id
LEFT JOIN catalog_taxrule h ON h.organization_id = s.organization_id AND h.id = s.shipping_tax_rule_id
WHERE s.organization_id = %s
"""

TICKET_TYPES_SQL = """
SELECT t.id, t.name, t.price, e.currency, t.min_per_order, t.max_per_order,
       t.max_per_customer, CASE WHEN NOT t.is_addon THEN e.max_per_customer END AS event_max_per_customer,
       x.name AS tax_name, x.rate AS tax_rate, x.included AS tax_included,
       array_remove(ARRAY[t.quota_id, e.capacity_quota_id] || ARRAY(
           SELECT q.quota_id FROM catalog_tickettypequota q
           WHERE q.organization_id = t.organization_id AND q.ticket_type_id = t.id), NULL) AS quota_ids,
       e.id AS event_id, e.title AS event_title, e.status AS event_status,
       greatest(t.sales_start_at, e.sales_start_at) AS sales_start_at,
       least(t.sales_end_at, e.sales_end_at,
             CASE WHEN e.kind = 'trip' THEN e.starts_at ELSE coalesce(e.ends_at, e.starts_at) END
       ) AS sales_end_at,
       e.one_per_customer AND NOT t.is_addon AS one_per_customer, t.requires_approval,
       t.is_addon, t.is_reduced, t.names_required, t.seat_category
FROM catalog_tickettype t
JOIN catalog_event e ON e.organization_id = t.organization_id AND e.id = t.event_id AND e.deleted_at IS NULL
LEFT JOIN catalog_taxrule x ON x.organization_id = t.organization_id AND x.id = t.tax_rule_id
WHERE t.organization_id = %s AND t.id = ANY(%s::uuid[]) AND t.deleted_at IS NULL
"""

PRODUCTS_SQL = """
SELECT p.id, p.name, p.sku, p.price, p.currency, p.max_per_order, p.max_per_customer,
       p.is_shippable, p.event_id, p.quota_id,
       x.name AS tax_name, x.rate AS tax_rate, x.included AS tax_included
FROM catalog_product p
LEFT JOIN catalog_taxrule x ON x.organization_id = p.organization_id AND x.id = p.tax_rule_id
WHERE p.organization_id = %s AND p.id = ANY(%s::uuid[]) AND p.deleted_at IS NULL AND p.status = 'active'
"""

COUPONS_SQL = """
SELECT c.id, c.code, c.discount_type, c.discount_value, c.currency, c.is_active, c.starts_at, c.ends_at,
       c.max_usage_per_user, c.max_usage_total, c.min_purchase_amount,
       ARRAY(SELECT e.event_id FROM coupons_couponevent e
             WHERE e.organization_id = c.organization_id AND e.coupon_id = c.id) AS event_ids
FROM coupons_coupon c
WHERE c.organization_id = %s AND upper(c.code) = ANY(%s::text[]) AND c.deleted_at IS NULL
"""

QUESTIONS_SQL = """
SELECT q.id, q.event_id, q.key, q.label, q.help_text, q.kind, q.options, q.max_length, q.is_required,
       q.scope, q.is_changeable, q.sort_order, q.translations,
       ARRAY(SELECT l.ticket_type_id FROM catalog_questiontickettype l
             WHERE l.organization_id = q.organization_id AND l.question_id = q.id) AS type_ids
FROM catalog_question q
WHERE q.organization_id = %s AND q.deleted_at IS NULL AND q.event_id IN (
    SELECT t.event_id FROM catalog_tickettype t WHERE t.organization_id = %s AND t.id = ANY(%s::uuid[]))
ORDER BY q.event_id, q.sort_order, q.id
"""

USERS_SQL = "SELECT id FROM identity_user WHERE id = ANY(%s::uuid[])"


def read_offers(
    database: Statements,
    organization_id: UUID,
    *,
    ticket_type_ids: Iterable[UUID],
    product_ids: Iterable[UUID],
    coupon_codes: Iterable[str],
    user_ids: Iterable[UUID],
    asked_type_ids: Iterable[UUID] = (),
) -> Offers:
    """Read what a batch asks about in one round trip, without a lock.

    ``asked_type_ids`` are the ticket types whose buyers must answer their events' questions.
    """
    products, codes, users = set(product_ids), sorted(set(coupon_codes)), set(user_ids)
    asked_types = set(asked_type_ids)
    with database.trip():
        settings = database.queue(SETTINGS_SQL, (organization_id,))
        ticket_types = database.queue(
            TICKET_TYPES_SQL, (organization_id, plain_array(set(ticket_type_ids))), named=True
        )
        goods = (
            database.queue(PRODUCTS_SQL, (organization_id, plain_array(products)), named=True)
            if products
            else None
        )
        coupons = database.queue(COUPONS_SQL, (organization_id, codes), named=True) if codes else None
        known = database.queue(USERS_SQL, (plain_array(users),)) if users else None
        asked_now = (
            database.queue(
                QUESTIONS_SQL, (organization_id, organization_id, plain_array(asked_types)), named=True
            )
            if asked_types
            else ()
        )
    row = settings.fetchone()
    items = {found.id: _ticket_type(found) for found in ticket_types}
    if goods is not None:
        items.update((found.id, _product(found)) for found in goods)
    return Offers(
        settings=_settings(row) if row else None,
        items=items,
        coupons={found.code.upper(): _coupon(found) for found in coupons or ()},
        user_ids=frozenset(found[0] for found in known or ()),
        questions=_questions(asked_now),
    )


def _settings(row: Any) -> SaleSettings:
    allow_guests, percentage, fixed, shipping, hold, approval, attempts, merge, *taxation = row
    return SaleSettings(
        allow_guest_checkout=allow_guests,
        service_fee_percentage=percentage,
        service_fee_fixed=fixed,
        shipping_fee=shipping,
        hold_minutes=hold,
        approval_hours=approval,
        max_payment_attempts=attempts,
        merge_sub_addresses=merge,
        fee_taxation=_taxation(*taxation[:4]),
        shipping_taxation=_taxation(*taxation[4:]),
    )


def _taxation(taxation: str, name: str | None, rate: Decimal | None, included: bool | None) -> ChargeTaxation:
    if name is not None and rate is not None and included is not None:
        return Tax(name, rate, included)
    return "as_goods" if taxation == "as_goods" else None


def _ticket_type(row: Any) -> Offer:
    return Offer(
        id=row.id,
        is_product=False,
        name=row.name,
        sku="",
        price=row.price,
        currency=row.currency,
        min_per_order=row.min_per_order,
        max_per_order=row.max_per_order,
        max_per_customer=row.max_per_customer,
        event_max_per_customer=row.event_max_per_customer,
        tax=_tax(row),
        quota_ids=tuple(sorted(set(row.quota_ids))),
        is_shippable=False,
        event_id=row.event_id,
        event_title=row.event_title,
        event_status=row.event_status,
        sales_start_at=row.sales_start_at,
        sales_end_at=row.sales_end_at,
        one_per_customer=row.one_per_customer,
        requires_approval=row.requires_approval,
        is_addon=row.is_addon,
        is_reduced=row.is_reduced,
        names_required=row.names_required,
        seat_category=row.seat_category,
    )


def _product(row: Any) -> Offer:
    return Offer(
        id=row.id,
        is_product=True,
        name=row.name,
        sku=row.sku,
        price=row.price,
        currency=row.currency,
        min_per_order=1,
        max_per_order=row.max_per_order,
        max_per_customer=row.max_per_customer,
        event_max_per_customer=None,
        tax=_tax(row),
        quota_ids=(row.quota_id,) if row.quota_id else (),
        is_shippable=row.is_shippable,
        event_id=row.event_id,
        event_title="",
        event_status="published",
        sales_start_at=None,
        sales_end_at=None,
        one_per_customer=False,
        requires_approval=False,
        is_addon=False,
        is_reduced=False,
        names_required=False,
        seat_category=None,
    )


def _questions(rows: Iterable[Any]) -> dict[UUID, list[AskedQuestion]]:
    found: dict[UUID, list[AskedQuestion]] = {}
    for row in rows:
        question = asked(row._replace(translations=orjson.loads(row.translations)))
        found.setdefault(question.event_id, []).append(question)
    return found


def _coupon(row: Any) -> CouponOffer:
    return CouponOffer(**{**row._asdict(), "event_ids": frozenset(row.event_ids)})


def _tax(row: Any) -> Tax | None:
    return (
        None if row.tax_name is None else Tax(name=row.tax_name, rate=row.tax_rate, included=row.tax_included)
    )
