"""For whom is sold: the organisation and its settings (event-platform.md)."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from kassa.core.fields import CurrencyField, MoneyField, not_negative, one_of, web_addresses
from kassa.core.ids import new_id
from kassa.core.languages import Language
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantModel, TenantReference
from kassa.organizations.enums import ChargeTaxation, DomainProblem, DomainProof, Plan

FEE_TAX_RULE = "organizations_settings_fee_tax_rule"
SHIPPING_TAX_RULE = "organizations_settings_shipping_tax_rule"
ONE_VERIFIED_DOMAIN = "organizations_domain_verified"


class Organization(models.Model):
    """A tenant: everything that is sold belongs to one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    email = models.EmailField()
    phone = models.CharField(max_length=40, blank=True, db_default="")
    website = models.URLField(blank=True, db_default="")
    address = models.JSONField(null=True)
    """``line1``, ``line2``, ``city``, ``state``, ``postal_code``, ``country``; None: not given."""
    logo = models.URLField(blank=True, db_default="")
    header_image = models.URLField(max_length=500, blank=True, db_default="")
    """A wide picture across the top of its home page; empty: a band in its colour."""
    plan = models.CharField(max_length=12, choices=Plan.choices, default=Plan.FREE, db_default=Plan.FREE)
    subscription_id = models.CharField(max_length=120, blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)
    """None while the organisation is alive; its orders outlive it."""

    class Meta:
        constraints = [
            one_of("plan", Plan, name="organizations_organization_plan"),
            web_addresses("website", "logo", "header_image", name="organizations_organization_web_addresses"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def custom_domain(self) -> str | None:
        """The domain that it has named as its own, proven or not. None: it has named none."""
        domain: OrganizationDomain | None = getattr(self, "domain", None)
        return domain.name if domain else None

    @property
    def verified_domain(self) -> str | None:
        """The same, once it is proven that it may use it. None: it is not, or it has named none."""
        domain: OrganizationDomain | None = getattr(self, "domain", None)
        return domain.name if domain and domain.verified_at else None


class OrganizationDomain(models.Model):
    """A domain that an organisation has named as its own; only a proven one is served.

    Any number of organisations may name the same domain, and one of them can prove it. Another name is
    another row, so that no proof outlives what it was given for.
    """

    organization = models.OneToOneField(
        Organization, primary_key=True, on_delete=models.CASCADE, related_name="domain"
    )
    name = models.CharField(max_length=253)
    token = models.CharField(max_length=64, unique=True)
    """What the owner of the domain shows in a record or a file."""
    proof = models.CharField(max_length=8, choices=DomainProof.choices, blank=True, db_default="")
    """Empty: it is not proven."""
    verified_at = models.DateTimeField(null=True)
    """Since when it is proven. None: it is not."""
    checked_at = models.DateTimeField(null=True)
    """None: it was never looked for the token."""
    failing_since = models.DateTimeField(null=True)
    """Since when the token of a proven domain is not found any more. None: it is, as far as is known."""
    problem = models.CharField(max_length=11, choices=DomainProblem.choices, blank=True, db_default="")
    """What the last check lacked; empty: nothing."""
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(verified_at__isnull=False), name=ONE_VERIFIED_DOMAIN
            ),
            models.CheckConstraint(
                condition=models.Q(verified_at__isnull=True, proof="")
                | models.Q(verified_at__isnull=False, proof__in=DomainProof.values),
                name="organizations_domain_proof",
            ),
            models.CheckConstraint(
                condition=models.Q(problem="") | models.Q(problem__in=DomainProblem.values),
                name="organizations_domain_problem",
            ),
        ]
        indexes = [models.Index("checked_at", name="organizations_domain_checked")]

    def __str__(self) -> str:
        return self.name


class OrganizationSlug(models.Model):
    """A slug that an organisation has or had: addresses with it lead to its shop, and no other can take it.

    A trigger writes the row whenever an organisation gets a slug.
    """

    slug = models.SlugField(max_length=80, primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="slugs")
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.slug


def _rule_where_needed(charge: str) -> models.Q:
    is_ruled = {f"{charge}_taxation": ChargeTaxation.RULE}
    has_none = {f"{charge}_tax_rule__isnull": True}
    return models.Q(**is_ruled) & ~models.Q(**has_none) | ~models.Q(**is_ruled) & models.Q(**has_none)


class OrganizationSettings(TenantModel):
    """How an organisation sells; one row each."""

    default_currency = CurrencyField(default="EUR", db_default="EUR")
    email_notifications = models.BooleanField(default=True, db_default=True)
    primary_color = models.CharField(max_length=9, blank=True, db_default="")
    secondary_color = models.CharField(max_length=9, blank=True, db_default="")
    allow_guest_checkout = models.BooleanField(default=True, db_default=True)
    service_fee_percentage = models.DecimalField(max_digits=6, decimal_places=3, default=0, db_default=0)
    service_fee_fixed = MoneyField(default=0, db_default=0)
    """Once per order that costs anything, in the order's currency."""
    shipping_fee = MoneyField(default=0, db_default=0)
    """Once per order that has something to ship."""
    fee_taxation = models.CharField(
        max_length=8,
        choices=ChargeTaxation.choices,
        default=ChargeTaxation.AS_GOODS,
        db_default=ChargeTaxation.AS_GOODS,
    )
    """How the service fee is taxed."""
    fee_tax_rule = TenantForeignKey("catalog.TaxRule", null=True)
    """The tax rule of the service fee. None: it has none of its own."""
    shipping_taxation = models.CharField(
        max_length=8,
        choices=ChargeTaxation.choices,
        default=ChargeTaxation.AS_GOODS,
        db_default=ChargeTaxation.AS_GOODS,
    )
    shipping_tax_rule = TenantForeignKey("catalog.TaxRule", null=True)
    ticket_transfers_enabled = models.BooleanField(default=True, db_default=True)
    refund_policy = models.TextField(blank=True, db_default="")
    privacy_policy_url = models.URLField(blank=True, db_default="")
    terms_of_service_url = models.URLField(blank=True, db_default="")
    hold_minutes = models.PositiveIntegerField(default=30, db_default=30)
    """How long a draft or a cart holds its places."""
    approval_hours = models.PositiveIntegerField(default=72, db_default=72)
    """How long an approved order that costs something may wait for its payment."""
    max_payment_attempts = models.PositiveSmallIntegerField(default=3, db_default=3)
    default_language = models.CharField(
        max_length=5, choices=Language.choices, default=Language.ENGLISH, db_default=Language.ENGLISH
    )
    """What buyers are written to in who have not said which language they read."""
    transfer_until_hours = models.PositiveIntegerField(default=0, db_default=0)
    """Until how many hours before its event starts a ticket may go to another person."""
    attendee_changes_enabled = models.BooleanField(default=True, db_default=True)
    """Whether who holds a ticket may change the name on it and the answers given with it."""
    attendee_changes_until_hours = models.PositiveIntegerField(default=0, db_default=0)
    """Until how many hours before the event starts they may."""
    refund_fees = models.BooleanField(default=False, db_default=False)
    """Whether the service fee goes back with the last ticket of an order."""
    refund_shipping = models.BooleanField(default=True, db_default=True)
    """The same for the shipping fee."""
    legal_name = models.CharField(max_length=200, blank=True, db_default="")
    """Who invoices, as the register of companies has it; empty: the organisation's name."""
    tax_number = models.CharField(max_length=60, blank=True, db_default="")
    vat_id = models.CharField(max_length=40, blank=True, db_default="")
    register_entry = models.CharField(max_length=200, blank=True, db_default="")
    """Where it is registered, and under which number."""
    invoice_prefix = models.CharField(max_length=12, default="INV", db_default="INV")
    """What the numbers of invoices begin with: ``INV-2026-00001``."""
    credit_note_prefix = models.CharField(max_length=12, default="CN", db_default="CN")
    invoice_footer = models.TextField(blank=True, db_default="")
    """What stands below every invoice: bank details, notes that the law asks for."""
    buyer_refunds_enabled = models.BooleanField(default=False, db_default=False)
    """Whether buyers may give tickets back by themselves."""
    buyer_refund_until_hours = models.PositiveIntegerField(default=24, db_default=24)
    """Until how many hours before its event starts they may."""
    buyer_refund_fee_percentage = models.DecimalField(max_digits=6, decimal_places=3, default=0, db_default=0)
    """The part of a ticket's price that is kept back then, in per cent."""
    embed_sites = ArrayField(models.CharField(max_length=200), default=list, db_default=[])
    """Websites that may show the organisation's pages in a frame, beside its own: ``https://a.example``."""
    merge_sub_addresses = models.BooleanField(default=True, db_default=True)
    """Whether ``ada+news@example.com`` is the same customer as ``ada@example.com``."""
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="organizations_organizationsettings_key"),
            models.UniqueConstraint(fields=["organization"], name="organizations_settings_once"),
            one_of("default_language", Language, name="organizations_settings_language"),
            web_addresses(
                "privacy_policy_url", "terms_of_service_url", name="organizations_settings_web_addresses"
            ),
            not_negative("service_fee_fixed", "shipping_fee", name="organizations_settings_fees"),
            one_of("fee_taxation", ChargeTaxation, name="organizations_settings_fee_taxation"),
            one_of("shipping_taxation", ChargeTaxation, name="organizations_settings_shipping_taxation"),
            models.CheckConstraint(
                condition=_rule_where_needed("fee") & _rule_where_needed("shipping"),
                name="organizations_settings_charge_tax_rules",
            ),
            TenantReference(field="fee_tax_rule", to="catalog_taxrule", name=FEE_TAX_RULE),
            TenantReference(field="shipping_tax_rule", to="catalog_taxrule", name=SHIPPING_TAX_RULE),
            models.CheckConstraint(
                condition=models.Q(service_fee_percentage__gte=0, service_fee_percentage__lte=100),
                name="organizations_settings_percentage",
            ),
            models.CheckConstraint(
                condition=models.Q(buyer_refund_fee_percentage__gte=0, buyer_refund_fee_percentage__lte=100),
                name="organizations_settings_buyer_refund_fee",
            ),
            models.CheckConstraint(
                condition=models.Q(hold_minutes__gte=1, approval_hours__gte=1, max_payment_attempts__gte=1),
                name="organizations_settings_times",
            ),
        ]

    @property
    def hold_period(self) -> timedelta:
        return timedelta(minutes=self.hold_minutes)

    @property
    def approval_period(self) -> timedelta:
        return timedelta(hours=self.approval_hours)
