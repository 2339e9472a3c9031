from django.db import models


class Plan(models.TextChoices):
    FREE = "free"
    BASIC = "basic"
    PRO = "pro"
    ENTERPRISE = "enterprise"


class ChargeTaxation(models.TextChoices):
    """How a fee of the organisation's own is taxed."""

    AS_GOODS = "as_goods"
    """As what it is charged with, shared out over the rates of the order; the fee contains the tax."""
    RULE = "rule"
    NONE = "none"


class DomainProof(models.TextChoices):
    """How it is known that an organisation may use a domain."""

    DNS = "dns"
    """A TXT record holds the token."""
    FILE = "file"
    """A file on the domain holds it, or the domain leads to this Kassa since it was proven."""
    OPERATOR = "operator"
    """The operator of Kassa has vouched for it; it is not checked again."""
    UPGRADE = "upgrade"
    """It was in use before domains had to be proven; anybody who proves it takes it over."""


class DomainProblem(models.TextChoices):
    """Why a domain could not be proven when it was last checked."""

    NOT_FOUND = "not_found"
    """Neither the record nor the file holds the token."""
    UNREACHABLE = "unreachable"
    """No name server answered, and the file could not be fetched."""
    TAKEN = "taken"
    """Another organisation has proven it."""
    RESERVED = "reserved"
    """The operator keeps it for themselves."""


class DomainChange(models.TextChoices):
    """What becomes of a domain that an organisation names as its own."""

    ADDED = "added"
    PROVEN = "proven"
    FAILING = "failing"
    """The proof of a proven domain is not found any more; it is served for some days yet."""
    RECOVERED = "recovered"
    """The proof was found again in time."""
    LOST = "lost"
    """A proven domain is served no longer."""
    REMOVED = "removed"
