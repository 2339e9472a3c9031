"""What can be bought: events of all kinds, their ticket types, products, taxes."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from kassa.catalog.enums import (
    EventKind,
    EventStatus,
    LocationType,
    ProductStatus,
    QuestionKind,
    QuestionScope,
    Visibility,
)
from kassa.catalog.search import EVENT_WORDS
from kassa.core.actor import NAMED_ACTORS, ActorKind
from kassa.core.fields import CurrencyField, MoneyField, not_negative, one_of, web_addresses
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantModel, TenantPart, TenantReference


def _with_kind(actor: str) -> Q:
    """Match rows that say of an actor which kind it is, or name neither."""
    is_unknown = {f"{actor}__isnull": True, f"{actor}_kind__isnull": True}
    is_named = {f"{actor}__isnull": False, f"{actor}_kind__in": NAMED_ACTORS}
    return Q(**is_unknown) | Q(**is_named)


def _limit_from_one(field: str, *, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": 1}), name=name
    )


class TaxRule(TenantModel):
    """A rate, and whether prices contain it already or it is added to them."""

    name = models.CharField(max_length=80)
    rate = models.DecimalField(max_digits=6, decimal_places=3)
    """Per cent."""
    included = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TenantKey(name="catalog_taxrule_key"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lte=100), name="catalog_taxrule_rate"),
        ]
        indexes = [models.Index(fields=["organization", "id"], name="catalog_taxrule_list")]


class Event(TenantModel):
    """Something that takes place: an event, a course or a trip (event-platform.md and others).

    Start and end are moments; ``time_zone`` says on which clock people read them. A trip
    departs from ``origin`` at ``starts_at`` and arrives in ``destination`` at ``ends_at``.
    """

    kind = models.CharField(max_length=8, choices=EventKind.choices, default=EventKind.EVENT)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, db_default="")
    short_description = models.CharField(max_length=500, blank=True, db_default="")
    category = models.CharField(max_length=80, blank=True, db_default="")
    starts_at = models.DateTimeField(null=True)
    """None: not scheduled yet, which only a course may be."""
    ends_at = models.DateTimeField(null=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    location_type = models.CharField(
        max_length=8, choices=LocationType.choices, default=LocationType.PHYSICAL
    )
    venue_name = models.CharField(max_length=200, blank=True, db_default="")
    address = models.CharField(max_length=300, blank=True, db_default="")
    city = models.CharField(max_length=120, blank=True, db_default="")
    state = models.CharField(max_length=120, blank=True, db_default="")
    zip_code = models.CharField(max_length=20, blank=True, db_default="")
    country = models.CharField(max_length=2, blank=True, db_default="")
    virtual_event_url = models.URLField(max_length=500, blank=True, db_default="")
    featured_image = models.URLField(max_length=500, blank=True, db_default="")
    gallery_images = ArrayField(models.URLField(max_length=500), default=list, db_default=[])
    status = models.CharField(max_length=10, choices=EventStatus.choices, default=EventStatus.DRAFT)
    visibility = models.CharField(max_length=8, choices=Visibility.choices, default=Visibility.PUBLIC)
    currency = CurrencyField()
    sales_start_at = models.DateTimeField(null=True)
    """None: sold as soon as it is published."""
    sales_end_at = models.DateTimeField(null=True)
    """Exclusive. None: sold until it ends."""
    seo_title = models.CharField(max_length=200, blank=True, db_default="")
    seo_description = models.CharField(max_length=500, blank=True, db_default="")
    tags = ArrayField(models.CharField(max_length=60), default=list, db_default=[])
    one_per_customer = models.BooleanField(default=False, db_default=False)
    """One booking per customer, as course-booking.md has it."""
    max_per_customer = models.PositiveIntegerField(null=True)
    """Tickets that each customer may have of it, over all orders, add-ons left out. None: no limit."""
    max_held_per_address = models.PositiveIntegerField(null=True)
    """Unpaid tickets of it that one visitor of its pages holds at a time. None: a share of its places."""
    max_held_per_network = models.PositiveIntegerField(null=True)
    """The same for all visitors of one network together, and for one who has signed in."""
    max_unproven_transfer = models.PositiveIntegerField(null=True)
    """Tickets of it that one visitor orders by transfer without having proven an e-mail address.
    None: as the installation has it."""
    origin = models.CharField(max_length=120, blank=True, db_default="")
    destination = models.CharField(max_length=120, blank=True, db_default="")
    vehicle = models.CharField(max_length=120, blank=True, db_default="")
    capacity_quota = TenantForeignKey("inventory.Quota", null=True)
    """None: the event as a whole has no limit beside those of its ticket types."""
    metadata = models.JSONField(default=dict, db_default={})
    created_by = models.UUIDField(null=True)
    """The user or API key that made it. None: Kassa did, or nobody knows."""
    created_by_kind = models.CharField(max_length=8, choices=ActorKind.choices, null=True)
    """Which of these ``created_by`` is."""
    updated_by = models.UUIDField(null=True)
    """The user or API key that changed it last."""
    updated_by_kind = models.CharField(max_length=8, choices=ActorKind.choices, null=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TenantKey(name="catalog_event_key"),
            TenantReference(
                field="capacity_quota", to="inventory_quota", name="catalog_event_capacity_quota"
            ),
            web_addresses("virtual_event_url", "featured_image", name="catalog_event_web_addresses"),
            one_of("kind", EventKind, name="catalog_event_kind"),
            one_of("status", EventStatus, name="catalog_event_status"),
            one_of("visibility", Visibility, name="catalog_event_visibility"),
            one_of("location_type", LocationType, name="catalog_event_location_type"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")), name="catalog_event_times"
            ),
            models.CheckConstraint(
                condition=Q(sales_start_at__isnull=True)
                | Q(sales_end_at__isnull=True)
                | Q(sales_end_at__gt=F("sales_start_at")),
                name="catalog_event_sales_period",
            ),
            models.CheckConstraint(
                condition=Q(kind=EventKind.COURSE) | Q(starts_at__isnull=False),
                name="catalog_event_scheduled",
            ),
            models.CheckConstraint(
                condition=~Q(kind=EventKind.TRIP)
                | (~Q(origin="") & ~Q(destination="") & Q(ends_at__isnull=False)),
                name="catalog_event_trip",
            ),
            _limit_from_one("max_per_customer", name="catalog_event_per_customer"),
            _limit_from_one("max_held_per_address", name="catalog_event_held_per_address"),
            _limit_from_one("max_held_per_network", name="catalog_event_held_per_network"),
            models.CheckConstraint(
                condition=_with_kind("created_by") & _with_kind("updated_by"), name="catalog_event_actors"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "id"], name="catalog_event_list"),
            models.Index(fields=["organization", "starts_at", "id"], name="catalog_event_calendar"),
            models.Index(
                fields=["organization", "origin", "destination", "starts_at"],
                name="catalog_event_route",
                condition=Q(kind="trip"),
            ),
            models.Index(fields=["organization", "title", "starts_at"], name="catalog_event_dates"),
            GinIndex(EVENT_WORDS, name="catalog_event_words"),
        ]


class TicketType(TenantPart):
    """A way to take part in an event, at a price."""

    event = TenantForeignKey(Event, related_name="ticket_types")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, db_default="")
    price = MoneyField()
    min_per_order = models.PositiveIntegerField(default=1)
    max_per_order = models.PositiveIntegerField(null=True)
    """None: no limit but what is left."""
    max_per_customer = models.PositiveIntegerField(null=True)
    """Over all orders. None: no limit."""
    sales_start_at = models.DateTimeField(null=True)
    """None: as the event."""
    sales_end_at = models.DateTimeField(null=True)
    """Exclusive. None: as the event."""
    is_hidden = models.BooleanField(default=False)
    is_free = models.BooleanField(default=False)
    requires_approval = models.BooleanField(default=False)
    is_addon = models.BooleanField(default=False, db_default=False)
    """Whether it is sold only together with another ticket of its event."""
    is_reduced = models.BooleanField(default=False, db_default=False)
    """Whether it is for children, students or others who prove it; "from" in lists names another price."""
    names_required = models.BooleanField(default=False, db_default=False)
    """Whether each ticket needs the first and the last name of its attendee."""
    sort_order = models.IntegerField(default=0)
    seat_category = models.CharField(max_length=60, null=True)
    """Which seats of the event it sells. None: places without a number."""
    tax_rule = TenantForeignKey(TaxRule, null=True)
    """None: no tax is shown or added."""
    quota = TenantForeignKey("inventory.Quota", null=True)
    """Its own places. None: no limit beside the quotas it shares."""
    metadata = models.JSONField(default=dict, db_default={})
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TenantKey(name="catalog_tickettype_key"),
            TenantReference(field="event", to="catalog_event", name="catalog_tickettype_event"),
            TenantReference(field="tax_rule", to="catalog_taxrule", name="catalog_tickettype_tax_rule"),
            TenantReference(field="quota", to="inventory_quota", name="catalog_tickettype_quota"),
            not_negative("price", name="catalog_tickettype_price"),
            models.CheckConstraint(
                condition=Q(is_free=False) | Q(price=0), name="catalog_tickettype_free_costs_nothing"
            ),
            models.CheckConstraint(
                condition=Q(min_per_order__gte=1)
                & (Q(max_per_order__isnull=True) | Q(max_per_order__gte=F("min_per_order"))),
                name="catalog_tickettype_per_order",
            ),
            models.CheckConstraint(
                condition=Q(max_per_customer__isnull=True) | Q(max_per_customer__gte=F("min_per_order")),
                name="catalog_tickettype_per_customer",
            ),
            models.CheckConstraint(
                condition=Q(sales_start_at__isnull=True)
                | Q(sales_end_at__isnull=True)
                | Q(sales_end_at__gt=F("sales_start_at")),
                name="catalog_tickettype_sales_period",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "event", "sort_order", "id"], name="catalog_tickettype_list"
            ),
            models.Index(
                fields=["organization", "price", "event"],
                name="catalog_tickettype_by_price",
                condition=Q(deleted_at__isnull=True, is_hidden=False),
            ),
        ]


class TicketTypeQuota(TenantPart):
    """A shared quota that a ticket type draws on, beside its own and its event's."""

    ticket_type = TenantForeignKey(TicketType, related_name="shared_quotas")
    quota = TenantForeignKey("inventory.Quota")

    class Meta:
        constraints = [
            TenantKey(name="catalog_tickettypequota_key"),
            TenantReference(
                field="ticket_type",
                to="catalog_tickettype",
                cascade=True,
                name="catalog_tickettypequota_type",
            ),
            TenantReference(field="quota", to="inventory_quota", name="catalog_tickettypequota_quota"),
            models.UniqueConstraint(
                fields=["organization", "ticket_type", "quota"], name="catalog_tickettypequota_once"
            ),
        ]
        indexes = [models.Index(fields=["organization", "quota"], name="catalog_shared_quota_index")]


class Question(TenantPart):
    """Something that buyers of an event's tickets are asked."""

    event = TenantForeignKey(Event, related_name="questions")
    key = models.CharField(max_length=60)
    """Under which answers are kept; never changed, so that they stay found."""
    label = models.CharField(max_length=200)
    help_text = models.CharField(max_length=500, blank=True, db_default="")
    kind = models.CharField(max_length=6, choices=QuestionKind.choices, default=QuestionKind.TEXT)
    options = ArrayField(models.CharField(max_length=200), default=list, db_default=[])
    """What a ``choice`` may be answered with; an answer is kept as the option's text."""
    max_length = models.PositiveSmallIntegerField(default=1000, db_default=1000)
    """How many characters an answer of kind ``text`` may have."""
    is_required = models.BooleanField(default=False, db_default=False)
    scope = models.CharField(max_length=6, choices=QuestionScope.choices, default=QuestionScope.TICKET)
    is_changeable = models.BooleanField(default=True, db_default=True)
    """Whether buyers and holders may change their answer later; staff always may."""
    sort_order = models.IntegerField(default=0, db_default=0)
    translations = models.JSONField(default=dict, db_default={})
    """By language: ``label``, ``help_text`` and ``options`` (in the order of the column)."""
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TenantKey(name="catalog_question_key"),
            TenantReference(field="event", to="catalog_event", name="catalog_question_event"),
            models.UniqueConstraint(
                fields=["organization", "event", "key"],
                condition=Q(deleted_at__isnull=True),
                name="catalog_question_once",
            ),
            one_of("kind", QuestionKind, name="catalog_question_kind"),
            one_of("scope", QuestionScope, name="catalog_question_scope"),
            models.CheckConstraint(
                condition=Q(kind=QuestionKind.CHOICE, options__len__gte=1)
                | (~Q(kind=QuestionKind.CHOICE) & Q(options=[])),
                name="catalog_question_options",
            ),
            models.CheckConstraint(
                condition=Q(max_length__gte=1, max_length__lte=5000), name="catalog_question_max_length"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "event", "sort_order", "id"], name="catalog_question_list")
        ]


class QuestionTicketType(TenantPart):
    """A ticket type that a question is asked of; without any it is asked of all types of its event."""

    question = TenantForeignKey(Question, related_name="ticket_type_links")
    ticket_type = TenantForeignKey(TicketType)

    class Meta:
        constraints = [
            TenantKey(name="catalog_questiontickettype_key"),
            TenantReference(
                field="question",
                to="catalog_question",
                cascade=True,
                name="catalog_questiontickettype_question",
            ),
            TenantReference(
                field="ticket_type", to="catalog_tickettype", name="catalog_questiontickettype_type"
            ),
            models.UniqueConstraint(
                fields=["organization", "question", "ticket_type"], name="catalog_questiontickettype_once"
            ),
        ]


class Product(TenantModel):
    """Merchandise: goods with a stock, beside tickets or alone."""

    sku = models.CharField(max_length=100)
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True, db_default="")
    price = MoneyField()
    currency = CurrencyField()
    is_shippable = models.BooleanField(default=True)
    max_per_order = models.PositiveIntegerField(null=True)
    """None: no limit but the stock."""
    max_per_customer = models.PositiveIntegerField(null=True)
    """Over all orders. None: no limit."""
    status = models.CharField(max_length=8, choices=ProductStatus.choices, default=ProductStatus.ACTIVE)
    image = models.URLField(max_length=500, blank=True, db_default="")
    event = TenantForeignKey(Event, null=True)
    """The event it is offered beside. None: sold on its own."""
    tax_rule = TenantForeignKey(TaxRule, null=True)
    quota = TenantForeignKey("inventory.Quota", null=True)
    """Its stock. None: never runs out."""
    metadata = models.JSONField(default=dict, db_default={})
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TenantKey(name="catalog_product_key"),
            TenantReference(field="event", to="catalog_event", name="catalog_product_event"),
            TenantReference(field="tax_rule", to="catalog_taxrule", name="catalog_product_tax_rule"),
            TenantReference(field="quota", to="inventory_quota", name="catalog_product_quota"),
            models.UniqueConstraint(
                fields=["organization", "sku"],
                condition=Q(deleted_at__isnull=True),
                name="catalog_product_sku",
            ),
            one_of("status", ProductStatus, name="catalog_product_status"),
            not_negative("price", name="catalog_product_price"),
            web_addresses("image", name="catalog_product_web_addresses"),
            models.CheckConstraint(
                condition=Q(max_per_order__isnull=True) | Q(max_per_order__gte=1),
                name="catalog_product_per_order",
            ),
            _limit_from_one("max_per_customer", name="catalog_product_per_customer"),
        ]
        indexes = [models.Index(fields=["organization", "id"], name="catalog_product_list")]
